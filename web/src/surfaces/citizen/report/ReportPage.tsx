/** The form: photo, where, what, kind, contact. One page, so that nothing is hidden behind steps. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { shortTime } from '../../../app/time'
import { Photos } from '../../../ui/Photos'
import { go } from '../../../ui/path'
import type { Shot } from '../../../ui/shrink'
import { forgetPhotos, restorePhotos, setPhotos, useAlbum } from '../album'
import type { Nearby, Question } from '../answers'
import { beginDraft, change, draft, isBlank, restoredFrom, useDraft } from '../draft'
import { rememberSent } from '../sent'
import { useOnline } from '../useOnline'
import { useT } from '../words'
import { ContactField } from './ContactField'
import { MatterField } from './MatterField'
import { firstProblem, type Problems, problemsOf, remaining } from './problems'
import { SameSheet } from './SameSheet'
import { SendBar } from './SendBar'
import { forgetProblem, sendDraft, sendingProblemField, useSending } from './sending'
import { usePlace } from './usePlace'
import { useSuggestions } from './useSuggestions'
import { TEXT_LIMIT, WhatField } from './WhatField'
import { WhereField } from './WhereField'

export default function ReportPage() {
  const t = useT()
  const now = useDraft()
  const online = useOnline()
  const { photos, kept } = useAlbum()
  const sending = useSending()
  const place = usePlace(now.spot)
  const form = useRef<HTMLFormElement>(null)
  const [told, setTold] = useState<Problems>({})
  const [looking, setLooking] = useState(false)
  const [same, setSame] = useState<Nearby[] | null>(null)
  const [gone, setGone] = useState(false)

  useEffect(() => {
    void restorePhotos()
    forgetProblem()
  }, [])

  const problems = remaining(told, problemsOf(now, place.data))
  const question: Question = {
    text: now.text.trim().slice(0, TEXT_LIMIT),
    lon: now.spot?.lon ?? null,
    lat: now.spot?.lat ?? null,
    address: now.spot ? '' : now.address.trim(),
    matter: now.matter?.id ?? null,
  }
  const suggestions = useSuggestions(question)
  const undecided = (nearby: readonly Nearby[]) =>
    nearby.filter((each) => !draft().apart.includes(each.case_id))
  const busy = looking || sending.busy !== false

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setGone(false)
    const found = problemsOf(now, place.data)
    setTold(found)
    const first = firstProblem(found)
    if (first) {
      document.getElementById(first)?.focus()
      return
    }
    setLooking(true)
    const last = undecided((await suggestions.lastLook()).duplicates)
    setLooking(false)
    if (last.length > 0) setSame(last)
    else await send(null)
  }

  async function send(sameAs: number | null) {
    const sent = await sendDraft(sameAs)
    if (!sent) {
      // The case that was to be followed has ended meanwhile: it is not offered again.
      if (sameAs !== null && sendingProblemField() === 'same_as') {
        change({ apart: [...draft().apart, sameAs] })
        setGone(true)
      }
      return
    }
    rememberSent(sent)
    // Whoever went to another page meanwhile finds it under "my reports".
    if (location.pathname === '/report') go('/report/done', true)
  }

  function choose(sameAs: Nearby | null) {
    const offered = same ?? []
    setSame(null)
    if (!sameAs) {
      const apart = [...now.apart, ...offered.map((each) => each.case_id)]
      change({ apart: [...new Set(apart)] })
    }
    void send(sameAs?.case_id ?? null)
  }

  function takePhotos(shots: Shot[]) {
    void setPhotos(shots)
    const { spot } = draft()
    const placed = shots.find((shot) => shot.place)?.place
    if (!spot && placed) {
      const [lon, lat] = placed
      change({ spot: { lon, lat, system: 'wgs84', source: 'photo', accuracy: null } })
    }
  }

  function restart() {
    if (!window.confirm(t('draft_drop_sure'))) return
    beginDraft()
    void forgetPhotos()
    setTold({})
    forgetProblem()
  }

  const taken = photos.find((photo) => photo.takenAt)?.takenAt
  const nearby = undecided(suggestions.found.duplicates)
  return (
    <>
      {!online && (
        <p className="note" role="status">
          {t('offline')}
        </p>
      )}
      {restoredFrom && !isBlank(now) && (
        <p className="note" role="status">
          <span className="grow num">{t('restored', { time: shortTime(restoredFrom) })}</span>
          <button type="button" className="button plain" disabled={busy} onClick={restart}>
            {t('restart')}
          </button>
        </p>
      )}
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <main>
          <section className="card">
            <Photos
              label={t('photos')}
              value={photos}
              onChange={takePhotos}
              gallery
              disabled={busy}
              badge={(index) => <Badge index={index} />}
            />
            <p className="soft under num">
              {taken ? t('photo_taken', { time: shortTime(taken) }) : t('photos_hint')}
            </p>
            {!kept && <p className="soft under">{t('photos_not_kept')}</p>}
          </section>
          <section className="card">
            <WhereField place={place} problem={problems.where} />
          </section>
          <section className="card stack">
            <WhatField problem={problems.text} />
            <MatterField suggestions={suggestions} />
            {nearby.length > 0 && (
              <p className="note boxed" role="status">
                <span className="grow">{t('same_hint', { count: nearby.length })}</span>
                <button type="button" className="button plain" onClick={() => setSame(nearby)}>
                  {t('same_look')}
                </button>
              </p>
            )}
          </section>
          <section className="card stack">
            <ContactField problem={problems.contact} />
            <label className="tick">
              <input
                type="checkbox"
                checked={now.public}
                onChange={(event) => change({ public: event.target.checked })}
              />
              <span>
                {t('public')}
                <span className="soft">{t('public_hint')}</span>
              </span>
            </label>
          </section>
        </main>
        <SendBar
          looking={looking}
          problem={firstProblem(problems) ? t('need_fix') : gone ? t('same_gone') : sending.problem}
        />
      </form>
      {same && (
        <SameSheet
          nearby={same}
          onClose={() => setSame(null)}
          onChoose={choose}
          ready={firstProblem(problemsOf(now, place.data)) === ''}
        />
      )}
    </>
  )
}

/** How far a photo has been sent; nothing before the first try. */
function Badge({ index }: { index: number }) {
  const t = useT()
  const { photos } = useAlbum()
  const { busy, n, part, problem } = useSending()
  const photo = photos[index]
  if (!photo) return null
  if (photo.uploaded) return <span className="badge">{t('photo_sent')}</span>
  if (busy === 'photos' && n === index + 1) {
    return <span className="badge num">{Math.round(part * 100)}%</span>
  }
  if (busy === 'photos') return <span className="badge">{t('photo_waiting')}</span>
  return problem ? <span className="badge">{t('photo_failed')}</span> : null
}
