/** The first page: report now, go on with a draft, follow, and what this browser knows. */
import { useState } from 'react'
import { shortTime } from '../../app/time'
import { follow, go } from '../../ui/path'
import { beginDraft, isBlank, useDraft } from './draft'
import { FollowForm } from './FollowForm'
import {
  followPath,
  forgetReport,
  type KeptReport,
  keptReports,
  restoreReports,
  useKeptReports,
} from './kept'
import { useOnline } from './useOnline'
import { useT } from './words'

export function Home() {
  const t = useT()
  const online = useOnline()
  const draft = useDraft()
  return (
    <>
      {!online && (
        <p className="note" role="status">
          {t('offline')}
        </p>
      )}
      <main>
        <section className="card hero">
          <h2>{t('hero')}</h2>
          <p>{t('hero_hint')}</p>
          <a className="button main" href="/report" onClick={follow}>
            {t('start')}
          </a>
          <p className="soft">{t('emergency')}</p>
        </section>
        {!isBlank(draft) && <DraftCard />}
        <section className="card stack">
          <h2>{t('follow_title')}</h2>
          <FollowForm />
        </section>
        <Mine />
      </main>
    </>
  )
}

function DraftCard() {
  const t = useT()
  const { text, address, photoCount, changedAt } = useDraft()
  const about = [
    photoCount > 0 ? t('draft_photos', { count: photoCount }) : '',
    t('draft_saved', { time: shortTime(changedAt) }),
  ]

  async function drop() {
    if (!window.confirm(t('draft_drop_sure'))) return
    const { forgetPhotos } = await import('./album')
    beginDraft()
    await forgetPhotos()
  }

  return (
    <section className="card stack">
      <h2>{t('draft_title')}</h2>
      <div>
        {(text || address) && <p className="two-lines">{text || address}</p>}
        <p className="soft num">{about.filter(Boolean).join(' · ')}</p>
      </div>
      <div className="row">
        <button type="button" className="button grow" onClick={() => go('/report')}>
          {t('draft_go_on')}
        </button>
        <button type="button" className="button plain" onClick={() => void drop()}>
          {t('draft_drop')}
        </button>
      </div>
    </section>
  )
}

function Mine() {
  const t = useT()
  const reports = useKeptReports()
  const [undo, setUndo] = useState<{ number: string; before: readonly KeptReport[] } | null>(null)

  function forget(number: string) {
    setUndo({ number, before: keptReports() })
    forgetReport(number)
  }

  return (
    <section className="card" aria-labelledby="mine">
      <h2 id="mine">{t('mine_title')}</h2>
      <p className="soft">{reports.length > 0 ? t('mine_hint') : t('mine_empty')}</p>
      <ul className="mine">
        {reports.map(({ number, code, text, at }) => (
          <li key={number}>
            <a href={followPath(number, code)} onClick={follow}>
              <span className="two-lines">{text || number}</span>
              <span className="soft num">
                {number} · {shortTime(at)}
              </span>
            </a>
            <button
              type="button"
              className="button plain"
              aria-label={t('mine_forget', { number })}
              onClick={() => forget(number)}
            >
              <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      <div aria-live="polite">
        {undo && (
          <p className="row undo">
            <span className="soft num">{t('mine_forgotten', { number: undo.number })}</span>
            <button
              type="button"
              className="button plain"
              onClick={() => {
                restoreReports(undo.before)
                setUndo(null)
              }}
            >
              {t('mine_undo')}
            </button>
          </p>
        )}
      </div>
    </section>
  )
}
