/** The person, what lies on the phone, the patrol. */
import { useEffect, useState } from 'react'
import { type Me, signOut } from '../../../api/session'
import { pick } from '../../../app/language'
import { size } from '../../../app/numbers'
import { clockTime, shortTime } from '../../../app/time'
import { MOST_BASE_BYTES } from '../../../offline/choice'
import { LanguageSwitch, ThemeSwitch } from '../../../ui/Switches'
import { far } from '../distance'
import { makeToday, useTodayState } from '../offline/today'
import { Shell } from '../Shell'
import { forgetPerson } from '../store/person'
import { useOutbox } from '../store/running'
import { waitingPoints } from '../store/track'
import { Install } from './Install'
import { startPatrol, stopPatrol, usePatrolState } from './patrol'
import { useT } from './text'

export default function MePage({ me }: { me: Me }) {
  const t = useT()
  return (
    <Shell title={t('me')}>
      <section className="card">
        <h2>{me.user.display_name || me.user.username}</h2>
        <p>{me.posts.map((post) => pick(post.role_zh, post.role_en)).join(' · ')}</p>
      </section>
      <Offline me={me} />
      <Track me={me} />
      <Install />
      <section className="card">
        <h2>{t('settings')}</h2>
        <div className="buttons">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </section>
      <Leave />
    </Shell>
  )
}

function Offline({ me }: { me: Me }) {
  const t = useT()
  const { made, progress, problem } = useTodayState()
  const [used, setUsed] = useState<number | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when something was made
  useEffect(() => {
    navigator.storage?.estimate?.().then((estimate) => setUsed(estimate.usage ?? null))
  }, [made.at])
  return (
    <section className="card form" data-today={progress ? 'busy' : made.at ? 'ready' : 'never'}>
      <h2>{t('today')}</h2>
      {!('serviceWorker' in navigator) && <p className="note bad">{t('no_worker')}</p>}
      <p>
        {made.at === null
          ? t('today_never')
          : t('today_when', {
              time: shortTime(made.at),
              tasks: made.tasks,
              photos: made.photos,
              tiles: made.tiles,
              size: size(made.bytes),
            })}
      </p>
      {made.cut && <p className="soft">{t('today_cut')}</p>}
      {typeof made.basemap === 'string' && <p className="soft">{t(`basemap_${made.basemap}`)}</p>}
      {made.basemap !== null && typeof made.basemap !== 'string' && (
        <p data-basemap={made.basemap.tiles}>
          {t('basemap_kept', { tiles: made.basemap.tiles, size: size(made.basemap.bytes) })}{' '}
          {made.basemap.cut && t('basemap_cut', { size: size(MOST_BASE_BYTES) })}
        </p>
      )}
      {progress && (
        <label>
          <span className="soft num">
            {t(`today_${progress.phase}`, { done: progress.done, of: progress.of })}
          </span>
          <progress value={progress.of ? progress.done : undefined} max={progress.of || 1} />
        </label>
      )}
      {problem && (
        <p className="problem" role="alert">
          {t('today_failed', { reason: problem })}
        </p>
      )}
      {used !== null && <p className="soft num">{t('storage', { used: size(used) })}</p>}
      <button
        type="button"
        className="button"
        disabled={progress !== null}
        onClick={() => void makeToday(me)}
      >
        {t('today_make')}
      </button>
    </section>
  )
}

function Track({ me }: { me: Me }) {
  const t = useT()
  const patrol = usePatrolState()
  const [waiting, setWaiting] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: counted anew when something was added
  useEffect(() => {
    waitingPoints(me.user.id).then((points) => setWaiting(points.length))
  }, [me.user.id, patrol])
  return (
    <section className="card form">
      <h2>{t('track')}</h2>
      <p className="num" aria-live="polite">
        {patrol.since
          ? t('track_on', { time: clockTime(patrol.since), length: far(patrol.metres) })
          : t('track_off')}
      </p>
      {waiting > 0 && <p className="soft num">{t('track_waiting', { count: waiting })}</p>}
      <p className="soft">
        {t('track_why')} {patrol.since && t('track_open')}
      </p>
      <button type="button" className="button" onClick={patrol.since ? stopPatrol : startPatrol}>
        {t(patrol.since ? 'track_stop' : 'track_start')}
      </button>
    </section>
  )
}

function Leave() {
  const t = useT()
  const { items } = useOutbox()
  const [asking, ask] = useState(false)
  const waiting = items.filter((item) => item.state !== 'sent').length
  const leave = async () => {
    await forgetPerson()
    await signOut()
  }
  return (
    <section className="card form">
      {asking && (
        <p className="note bad" role="alert">
          {t('sign_out_waiting', { count: waiting })}
        </p>
      )}
      <button
        type="button"
        className="button"
        onClick={() => (waiting && !asking ? ask(true) : void leave())}
      >
        {t('sign_out')}
      </button>
    </section>
  )
}
