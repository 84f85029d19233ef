/** A community for the pocket: taken along, how much and how old, brought up to date, let go. */
import { useEffect, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import { size } from '../../../app/numbers'
import { duration, shortTime, useNow } from '../../../app/time'
import type { KeptBasemap } from '../../../offline/basemap'
import { MOST_BASE_BYTES } from '../../../offline/choice'
import { useT } from '../opened/text'
import type { Person } from '../person'
import { type Community, community } from './store'
import { letGo, NoRoom, type Progress, TooMany, take } from './take'

interface TakeAlongProps {
  code: string
  person: Person
  onChange?: () => void
}

export default function TakeAlong({ code, person, onChange }: TakeAlongProps) {
  const t = useT()
  const now = useNow(60)
  const [kept, setKept] = useState<Community | null>()
  const [progress, setProgress] = useState<Progress | null>(null)
  const [problem, setProblem] = useState('')
  const running = useRef<AbortController>(null)
  useEffect(() => {
    let gone = false
    community(person.id, code).then(
      (found) => {
        if (!gone) setKept(found ?? null)
      },
      (error: unknown) => {
        if (!gone) setProblem(said(error))
      },
    )
    return () => {
      gone = true
      running.current?.abort()
    }
  }, [person.id, code])

  async function start() {
    const controller = new AbortController()
    running.current = controller
    setProblem('')
    setProgress({ phase: 'pages', done: 0, of: 1 })
    try {
      setKept(await take(person.id, code, setProgress, controller.signal))
      onChange?.()
    } catch (error) {
      if (controller.signal.aborted) return
      if (error instanceof TooMany) setProblem(t('take_too_many'))
      else if (error instanceof NoRoom) {
        setProblem(t('take_no_room'))
        setKept(null)
        onChange?.()
      } else setProblem(said(error))
    }
    setProgress(null)
  }

  async function remove() {
    await letGo(person.id, code)
    setKept(null)
    onChange?.()
  }

  // Nobody knows yet whether it lies here.
  const unread = kept === undefined && !problem
  const busy = progress !== null
  return (
    <section className="card leader-take" data-take={busy ? 'busy' : kept ? 'ready' : 'none'}>
      <h2>{t('take')}</h2>
      <p>
        {kept
          ? t('take_when', {
              time: shortTime(kept.at),
              age: duration(now - kept.at),
              components: kept.components,
              tiles: kept.tiles,
              size: size(kept.bytes),
            })
          : t('take_say')}
      </p>
      {kept?.cut && <p className="soft">{t('take_cut')}</p>}
      {kept && <Basemap kept={kept.basemap ?? null} />}
      {!('serviceWorker' in navigator) && <p className="note bad">{t('no_worker')}</p>}
      {progress && (
        <label>
          <span className="soft num">
            {t(`take_${progress.phase}`, { done: progress.done, of: progress.of })}
          </span>
          <progress value={progress.of ? progress.done : undefined} max={progress.of || 1} />
        </label>
      )}
      {problem && (
        <p className="note bad" role="alert">
          {problem}
        </p>
      )}
      <div className="leader-steps">
        <button
          type="button"
          className="button"
          disabled={busy || unread}
          onClick={() => void start()}
        >
          {kept ? t('take_again') : t('take')}
        </button>
        {kept && (
          <button type="button" className="button" disabled={busy} onClick={() => void remove()}>
            {t('take_remove')}
          </button>
        )}
      </div>
    </section>
  )
}

function Basemap({ kept }: { kept: KeptBasemap }) {
  const t = useT()
  if (kept === null) return null
  if (typeof kept === 'string') return <p className="soft">{t(`basemap_${kept}`)}</p>
  return (
    <p data-basemap={kept.tiles}>
      {t('basemap_kept', { tiles: kept.tiles, size: size(kept.bytes) })}{' '}
      {kept.cut && t('basemap_cut', { size: size(MOST_BASE_BYTES) })}
    </p>
  )
}
