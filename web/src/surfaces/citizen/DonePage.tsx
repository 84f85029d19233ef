/** The receipt: number, code, and every way to keep them. */
import { useMemo, useState } from 'react'
import { city } from '../../app/city'
import { pick } from '../../app/language'
import { follow } from '../../ui/path'
import { followPath, useKeptReports } from './kept'
import { copy, followLink, pictureOf, qrOf } from './receipt'
import { lastSent } from './sent'
import { useT } from './words'

export default function DonePage() {
  const t = useT()
  const newest = useKeptReports()[0]
  const sent = lastSent()
  // After a reload the receipt is the newest of those this browser keeps.
  const shown = sent ?? newest
  if (!shown) {
    return (
      <main>
        <div className="empty">
          <h2>{t('done_none')}</h2>
          <p>{t('done_none_hint')}</p>
        </div>
      </main>
    )
  }
  return (
    <main>
      <section className="card receipt stack">
        {sent && (
          <div role="status">
            <h2>{sent.joined ? t('done_joined_title') : t('done_title')}</h2>
            <p>{sent.joined ? t('done_joined') : t('done_thanks')}</p>
            {!sent.created && (
              <p className="soft">{sent.edited ? t('done_edited') : t('done_before')}</p>
            )}
          </div>
        )}
        <Receipt number={shown.number} code={shown.code} />
      </section>
      <a className="button main" href={followPath(shown.number, shown.code)} onClick={follow}>
        {t('done_follow')}
      </a>
      <a className="button" href="/report" onClick={follow}>
        {t('done_more')}
      </a>
    </main>
  )
}

function Receipt({ number, code }: { number: string; code: string }) {
  const t = useT()
  const [said, setSaid] = useState('')
  const link = followLink(number, code)
  const qr = useMemo(() => qrOf(link), [link])

  async function copyAll() {
    const done = await copy(t('done_copy_text', { number, code, link }))
    setSaid(done ? t('done_copied') : t('done_not_copied'))
  }

  async function savePicture() {
    try {
      const own = pick(city().nameZh, city().nameEn)
      const picture = await pictureOf(link, number, code, {
        title: own ? `${own} · ${t('done_picture_title')}` : t('done_picture_title'),
        number: t('done_number'),
        code: t('done_code'),
        hint: t('done_qr'),
      })
      const url = URL.createObjectURL(picture)
      const anchor = document.createElement('a')
      anchor.href = url
      anchor.download = `${number}.png`
      anchor.click()
      // The browser still reads it when the click returns.
      setTimeout(() => URL.revokeObjectURL(url), 10_000)
      setSaid('')
    } catch {
      setSaid(t('done_picture_failed'))
    }
  }

  return (
    <>
      <dl className="numbers">
        <div>
          <dt>{t('done_number')}</dt>
          <dd className="num">{number}</dd>
        </div>
        <div>
          <dt>{t('done_code')}</dt>
          <dd className="num">{code}</dd>
        </div>
      </dl>
      <figure>
        <svg
          viewBox={`0 0 ${qr.size} ${qr.size}`}
          role="img"
          aria-label={t('done_qr_label', { number })}
          shapeRendering="crispEdges"
        >
          <path d={qr.path} />
        </svg>
        <figcaption className="soft">{t('done_qr')}</figcaption>
      </figure>
      <p className="soft">{t('done_keep')}</p>
      <div className="row wrap">
        <button type="button" className="button grow" onClick={() => void copyAll()}>
          {t('done_copy')}
        </button>
        <button type="button" className="button grow" onClick={() => void savePicture()}>
          {t('done_picture')}
        </button>
      </div>
      <p role="status" className="soft">
        {said}
      </p>
    </>
  )
}
