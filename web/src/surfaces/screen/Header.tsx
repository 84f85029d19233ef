/** The head of the wall: the city, the state of its data, who is on duty, the time. */
import { useEffect, useState } from 'react'
import { send } from '../../api/client'
import type { Me } from '../../api/session'
import { city } from '../../app/city'
import { pick } from '../../app/language'
import { clockParts, dayOf, shortTime, useNow } from '../../app/time'
import type { CityNow } from './useCity'
import { useT } from './words'

const READY_MS = 60_000
/** Numbers older than this are said to be old. */
const OLD_MS = 120_000

export function Header({ now, me }: { now: CityNow; me: Me }) {
  const t = useT()
  const name = pick(city().nameZh, city().nameEn)
  return (
    <header>
      <h1>{t('title', { city: name })}</h1>
      <p className="topic">{t('topic')}</p>
      <div className="meta">
        <Health now={now} />
        <span>{t('duty', { name: me.user.display_name || me.user.username })}</span>
        <WallClock />
      </div>
    </header>
  )
}

/** Alone in its component: it is drawn anew every second. */
function WallClock() {
  const now = useNow(1)
  const { hour, minute, second } = clockParts(now)
  return (
    <time>
      <b className="num">{`${hour}:${minute}:${second}`}</b>
      <span>{dayOf(now)}</span>
    </time>
  )
}

interface Ready {
  checks: { name: string; ok: boolean }[]
}

function useReadiness(): Ready | null {
  const [ready, setReady] = useState<Ready | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const ask = () => {
      send('/api/ready', { signal: stop.signal })
        .then((answer) => answer.json())
        .then(
          (found: Ready) => setReady(found),
          (problem: unknown) => {
            // A server that cannot work says 503 and which check failed.
            if (!stop.signal.aborted) setReady(failed(problem))
          },
        )
    }
    ask()
    const every = setInterval(ask, READY_MS)
    return () => {
      stop.abort()
      clearInterval(every)
    }
  }, [])
  return ready
}

function failed(problem: unknown): Ready {
  const body = problem instanceof Error && 'body' in problem ? problem.body : null
  const checks = typeof body === 'object' && body !== null && 'checks' in body ? body.checks : null
  return { checks: Array.isArray(checks) ? checks : [] }
}

function Health({ now }: { now: CityNow }) {
  const t = useT()
  const clock = useNow(15)
  const ready = useReadiness()
  const { readAt, live, error } = now
  const fine = ready?.checks.filter((check) => check.ok).length ?? 0
  const all = ready?.checks.length ?? 0
  if (error || (readAt !== null && clock - readAt > OLD_MS)) {
    return (
      <span className="health bad" role="status">
        {readAt === null ? t('no_data') : t('data_of', { time: shortTime(readAt) })}
      </span>
    )
  }
  if (live !== 'open') {
    return (
      <span className="health warn" role="status">
        {t('stream_lost')}
      </span>
    )
  }
  const whole = ready !== null && fine === all && all > 0
  return (
    <span className={`health ${ready === null || whole ? 'good' : 'bad'}`} role="status">
      {ready === null ? t('data_live') : t('data_health', { fine, all })}
    </span>
  )
}
