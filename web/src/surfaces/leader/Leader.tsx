/** The leader's frame: who is signed in, four tabs, whether the numbers are live and of when. */
import { useCallback, useEffect, useRef } from 'react'
import { type Overview, readOverview } from '../../api/overview'
import { said } from '../../api/problem'
import { goSignIn, signOut, whoAmI } from '../../api/session'
import { city } from '../../app/city'
import { pick } from '../../app/language'
import { type LiveState, useLive } from '../../app/live'
import { clockTime, shortTime, useNow } from '../../app/time'
import { later, useAhead } from '../../ui/later'
import { follow, usePath } from '../../ui/path'
import { LanguageSwitch, ThemeSwitch } from '../../ui/Switches'
import { useData } from '../../ui/useData'
import { forgetKept, type Known, useKept } from './kept'
import { formerPerson, type Person, personOf, rememberPerson } from './person'
import { Today } from './Today'
import { useT } from './words'
import './leader.css'

const Late = later(async () => (await import('./Late')).Late)
const CaseList = later(async () => (await import('./CaseList')).CaseList)
const City = later(async () => (await import('./City')).City)
const CasePage = later(async () => (await import('./CasePage')).CasePage)
const Components = later(async () => (await import('./Components')).Components)
const Taken = later(async () => (await import('./offline/Taken')).default)
const ComponentPage = later(async () => (await import('./ComponentPage')).ComponentPage)
/** What the numbers of the first page lead to. */
const AHEAD = [
  Late.ahead,
  CaseList.ahead,
  CasePage.ahead,
  City.ahead,
  Components.ahead,
  ComponentPage.ahead,
]

const HOME = '/m/leader'
const EVERY_MS = 60_000
/** Events may come many a second; the numbers are read anew this often at most. */
const AFTER_EVENT_MS = 10_000

export function Leader() {
  const t = useT()
  const who = useData('me', whoAmI)
  useEffect(() => {
    if (who.data === null) goSignIn()
    else if (who.data) {
      const before = formerPerson()
      if (before && before.id !== who.data.user.id) void leaveNothing()
      rememberPerson(personOf(who.data))
    }
  }, [who.data])
  const person = who.data ? personOf(who.data) : who.error ? formerPerson() : null
  if (person) return <Frame person={person} />
  return (
    <main className="empty">
      {who.error ? (
        <>
          <p role="alert">{said(who.error)}</p>
          <button type="button" className="button" onClick={who.again}>
            {t('try_again')}
          </button>
        </>
      ) : (
        <p role="status">{t('loading')}</p>
      )}
    </main>
  )
}

/** What one person took along is not another's; without it there is nothing to forget. */
async function leaveNothing(): Promise<void> {
  try {
    const { letAllGo } = await import('./offline/take')
    await letAllGo()
  } catch {
    // A browser that keeps nothing, or a page of before a new build: signing out goes on.
  }
}

function Frame({ person }: { person: Person }) {
  const t = useT()
  const path = usePath()
  const overview = useKept(`${person.id}.overview`, async (signal) => {
    // The newest cases are not kept in the browser: they name places and what people said.
    return { ...(await readOverview(signal)), newest: [] } satisfies Overview
  })
  const { again } = overview
  const live = useFreshness(again)
  useAhead(AHEAD)
  const own = pick(city().nameZh, city().nameEn)
  return (
    <div className="page leader">
      <header>
        <h1>{own ? t('title', { city: own }) : t('title_unnamed')}</h1>
        <button type="button" className="button plain" onClick={again}>
          {t('refresh')}
        </button>
        <details className="leader-menu">
          <summary aria-label={t('menu')}>
            <span aria-hidden="true">⋯</span>
          </summary>
          <div>
            <p>{person.name}</p>
            <LanguageSwitch />
            <ThemeSwitch />
            <button
              type="button"
              className="button plain"
              onClick={() => {
                forgetKept()
                void leaveNothing().then(signOut)
              }}
            >
              {t('sign_out')}
            </button>
          </div>
        </details>
      </header>
      <Standing overview={overview} live={live} />
      <main>
        <Page path={path} person={person} overview={overview} />
      </main>
      <Tabs path={path} />
    </div>
  )
}

/** Reads anew each minute while somebody looks, and soon after something happened. */
function useFreshness(again: () => void): LiveState {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const soon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      again()
    }, AFTER_EVENT_MS)
  }, [again])
  const state = useLive(['governance.case'], soon)
  useEffect(() => {
    const tick = () => {
      if (!document.hidden) again()
    }
    const every = setInterval(tick, EVERY_MS)
    document.addEventListener('visibilitychange', tick)
    window.addEventListener('online', tick)
    return () => {
      clearInterval(every)
      clearTimeout(timer.current)
      timer.current = undefined
      document.removeEventListener('visibilitychange', tick)
      window.removeEventListener('online', tick)
    }
  }, [again])
  return state
}

/** One line: live or not, and of when the numbers are. */
function Standing({ overview, live }: { overview: Known<Overview>; live: LiveState }) {
  const t = useT()
  const now = useNow(30)
  const { at, error, fresh } = overview
  const old = at !== null && now - at > 3 * EVERY_MS
  if (error && at !== null) {
    return (
      <p className="leader-standing bad" role="status">
        {t('offline_of', { time: shortTime(at) })}
      </p>
    )
  }
  const lamp = live === 'open' && fresh && !old ? 'on' : 'off'
  return (
    <p className={`leader-standing ${lamp}`} role="status">
      <span>{lamp === 'on' ? t('live') : t('not_live')}</span>
      {at !== null && <span className="num">{t('updated_at', { time: clockTime(at, true) })}</span>}
    </p>
  )
}

const TABS = [
  { path: HOME, word: 'tab_today' },
  { path: `${HOME}/late`, word: 'tab_late' },
  { path: `${HOME}/city`, word: 'tab_city' },
  { path: `${HOME}/cases?waiting=true`, word: 'tab_mine' },
] as const

function Tabs({ path }: { path: string }) {
  const t = useT()
  const [bare = ''] = path.split('?')
  const inCity = /^\/m\/leader\/(components|offline)(\/|$)/.test(bare)
  const on = (tab: string) =>
    inCity
      ? tab === `${HOME}/city`
      : tab === HOME
        ? bare === HOME || bare === `${HOME}/`
        : path === tab || (!tab.includes('?') && bare.startsWith(tab))
  return (
    <nav className="tabs" aria-label={t('tabs')}>
      {TABS.map((tab) => (
        <a
          key={tab.path}
          href={tab.path}
          onClick={follow}
          aria-current={on(tab.path) ? 'page' : undefined}
        >
          {t(tab.word)}
        </a>
      ))}
    </nav>
  )
}

interface PageProps {
  path: string
  person: Person
  overview: Known<Overview>
}

function Page({ path, person, overview }: PageProps) {
  const t = useT()
  const [bare = '', search = ''] = path.split('?')
  const parts = bare.slice(HOME.length).split('/').filter(Boolean).map(decodeURIComponent)
  const [room, item] = parts
  if (room === undefined) return <Today overview={overview} />
  if (room === 'late') return <Late overview={overview} />
  if (room === 'city') return <City person={person} search={search} />
  if (room === 'cases' && item) return <CasePage key={item} id={Number(item)} person={person} />
  if (room === 'cases') return <CaseList search={search} overview={overview.data} />
  if (room === 'components' && item) return <ComponentPage key={item} code={item} person={person} />
  if (room === 'components') return <Components search={search} person={person} />
  if (room === 'offline') return <Taken person={person} />
  return <p className="empty">{t('not_found')}</p>
}
