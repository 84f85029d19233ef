/** The frame of the desk: where to go, what waits, whether the page is live, who is signed in. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ErrorComponentProps, Link, Outlet, useNavigate } from '@tanstack/react-router'
import { Watermark } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { isRefusal, said } from '../../api/problem'
import { useMe } from '../../api/queries'
import { goSignIn, holds, type Me, signOut } from '../../api/session'
import { city } from '../../app/city'
import { pick } from '../../app/language'
import { type LiveState, useLive } from '../../app/live'
import mark from '../../app/mark.svg'
import { PALETTE } from '../../app/theme'
import { shortTime, useNow } from '../../app/time'
import { LanguageSwitch, ThemeSwitch, useTheme } from '../../ui/Switches'
import { Help } from './Help'
import { useKeys } from './keys'
import { Menu } from './Menu'
import { SearchBox } from './SearchBox'
import { readWork, WORK } from './waiting/counts'
import { useT } from './words'
import './desk.css'

/** How often, at most, what waits is counted anew while cases change. */
const COUNT_MS = 5_000

export function Shell() {
  const me = useMe()
  useEffect(() => {
    if (me === null) goSignIn()
  }, [me])
  return me ? <Frame me={me} /> : <Loading />
}

function Frame({ me }: { me: Me }) {
  const t = useT()
  const navigate = useNavigate()
  const [help, setHelp] = useState(false)
  const live = useWorkCount()
  const evaluates = holds(me, 'evaluator', 'leader', 'shift_leader', 'department')
  useSignInAgain()
  useKeys({
    help: () => setHelp(true),
    go_work: () => void navigate({ to: '/' }),
    go_cases: () => void navigate({ to: '/cases' }),
    go_map: () => void navigate({ to: '/map' }),
    ...(evaluates ? { go_evaluation: () => void navigate({ to: '/evaluation' }) } : {}),
  })
  return (
    <Marked me={me}>
      <div className="desk">
        <a className="skip" href="#page">
          {t('skip')}
        </a>
        <header>
          <strong className="desk-name" title={pick(city().nameZh, city().nameEn)}>
            <img src={mark} alt="" width="22" height="22" />
            <span>
              {pick(city().nameZh, city().nameEn)} {t('app')}
            </span>
          </strong>
          <nav aria-label={t('nav_main')}>
            <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
              {t('nav_work')}
              <Waiting />
            </Link>
            <Link to="/cases">{t('nav_cases')}</Link>
            <Link to="/map">{t('nav_map')}</Link>
            {holds(me, 'acceptor', 'shift_leader') && <Link to="/order">{t('nav_order')}</Link>}
            {evaluates && <Link to="/evaluation">{t('nav_evaluation')}</Link>}
            <Link to="/components">{t('nav_components')}</Link>
            {holds(me, 'data_manager') && <Link to="/surveys">{t('nav_surveys')}</Link>}
            {holds(me, 'data_manager', 'administrator') && (
              <Link to="/layers">{t('nav_layers')}</Link>
            )}
          </nav>
          <SearchBox />
          <Lamp state={live} />
          <button
            type="button"
            className="button plain"
            aria-label={t('help')}
            title={t('help')}
            onClick={() => setHelp(true)}
          >
            ?
          </button>
          <LanguageSwitch />
          <ThemeSwitch />
          <Menu label={me.user.display_name || me.user.username} className="tool" align="end">
            {() => <PersonMenu me={me} />}
          </Menu>
        </header>
        <div id="page" className="desk-page" tabIndex={-1}>
          <Outlet />
        </div>
        {help && <Help onClose={() => setHelp(false)} />}
      </div>
    </Marked>
  )
}

/** What is on the screen can be photographed: it says who had it open, and when. */
function Marked({ me, children }: { me: Me; children: React.ReactNode }) {
  const colours = PALETTE[useTheme()]
  const now = useNow(60)
  const who = [me.user.display_name, me.user.username].filter(Boolean).join(' ')
  return (
    <Watermark
      content={[who, shortTime(now)]}
      font={{ color: `${colours.text3}18`, fontSize: 13 }}
      gap={[140, 120]}
      style={{ height: '100%', overflow: 'visible' }}
    >
      {children}
    </Watermark>
  )
}

/** Counts what waits anew when cases change, not more often than every few seconds. */
function useWorkCount(): LiveState {
  const client = useQueryClient()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return useLive(['governance.case'], () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      void client.invalidateQueries({ queryKey: WORK })
    }, COUNT_MS)
  })
}

/** Any question that is refused for want of a session asks who is signed in; nobody signs in. */
function useSignInAgain() {
  const client = useQueryClient()
  useEffect(() => {
    const ask = (error: unknown) => {
      if (isRefusal(error, 401)) void client.invalidateQueries({ queryKey: ['me'] })
    }
    const queries = client.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error') ask(event.action.error)
    })
    const mutations = client.getMutationCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error') ask(event.action.error)
    })
    return () => {
      queries()
      mutations()
    }
  }, [client])
}

function Waiting() {
  const t = useT()
  const { data } = useQuery({ queryKey: WORK, queryFn: readWork, staleTime: 30_000 })
  const count = data ? data.waiting + data.visits : 0
  if (!data || count === 0) return null
  const shown = count >= data.capped ? `${data.capped}+` : String(count)
  return (
    <span className={`badge num${data.overdue ? ' late' : ''}`}>
      <span aria-hidden="true">{shown}</span>
      <span className="only-read">{t('nav_waiting', { count, overdue: data.overdue })}</span>
    </span>
  )
}

function Lamp({ state }: { state: LiveState }) {
  const t = useT()
  const words = { open: t('live_open'), connecting: t('live_connecting'), lost: t('live_lost') }
  return (
    <span className={`lamp ${state}`} role="status" title={words[state]}>
      <span>{words[state]}</span>
    </span>
  )
}

function PersonMenu({ me }: { me: Me }) {
  const t = useT()
  const posts = [...new Set(me.posts.map((post) => pick(post.role_zh, post.role_en)))]
  return (
    <div className="person">
      <p>
        <strong>{me.user.display_name || me.user.username}</strong>
        <span>{posts.join(t('list_comma')) || t('no_post')}</span>
      </p>
      {holds(me, 'collector', 'handler') && <a href="/m">{t('to_field')}</a>}
      {holds(me, 'leader') && <a href="/m/leader">{t('to_leader')}</a>}
      {me.roles.length > 0 && <a href="/screen">{t('to_screen')}</a>}
      {(me.user.is_staff || holds(me, 'administrator')) && <a href="/admin/">{t('to_admin')}</a>}
      <a href="/accounts/password/change/">{t('to_password')}</a>
      <button type="button" className="row" onClick={() => void signOut()}>
        {t('sign_out')}
      </button>
    </div>
  )
}

export function Loading() {
  const t = useT()
  return (
    <p className="empty" role="status">
      {t('loading')}
    </p>
  )
}

export function NotFound() {
  const t = useT()
  return (
    <main className="empty">
      <h1>{t('not_found')}</h1>
      <p>{t('not_found_hint')}</p>
      <Link to="/" className="tool">
        {t('nav_work')}
      </Link>
    </main>
  )
}

export function Failed({ error, reset }: ErrorComponentProps) {
  const t = useT()
  return (
    <div className="empty" role="alert">
      <p>
        {t('failed')}: {said(error)}
      </p>
      <button type="button" className="button plain" onClick={reset}>
        {t('try_again')}
      </button>
    </div>
  )
}
