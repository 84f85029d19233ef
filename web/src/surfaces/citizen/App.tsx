/** The frame of the citizen pages: head, the page of the address, foot. */
import { Component, lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { city } from '../../app/city'
import { pick, withWords } from '../../app/language'
import { follow, usePath } from '../../ui/path'
import { LanguageSwitch, ThemeSwitch } from '../../ui/Switches'
import { Home } from './Home'
import { chooseType, useLargeType } from './largeType'
import { useT } from './words'

const loadReport = () => withWords(import('./report/ReportPage'))
const loadDone = () => withWords(import('./DonePage'))
const loadFollow = () => withWords(import('./FollowPage'))
const ReportPage = lazy(loadReport)
const DonePage = lazy(loadDone)
const FollowPage = lazy(loadFollow)

type Screen = 'home' | 'report' | 'done' | 'follow' | 'none'

function screenOf(path: string): Screen {
  const name = (path.split('?')[0] ?? '').replace(/\/+$/, '')
  if (name === '') return 'home'
  if (name === '/report') return 'report'
  if (name === '/report/done') return 'done'
  return name === '/follow' || name.startsWith('/follow/') ? 'follow' : 'none'
}

export function App() {
  const t = useT()
  const path = usePath()
  const screen = screenOf(path)
  const own = pick(city().nameZh, city().nameEn)
  const heading = useRef<HTMLHeadingElement>(null)
  const first = useRef(true)

  const titles: Record<Screen, string> = {
    home: own ? t('app_of', { city: own }) : t('app'),
    report: t('report_title'),
    done: t('done_picture_title'),
    follow: t('follow_title'),
    none: t('not_found'),
  }
  const title = titles[screen]
  useEffect(() => {
    document.title = screen === 'home' ? title : `${title} · ${own || t('app')}`
  }, [screen, title, own, t])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is a new beginning
  useEffect(() => {
    if (!first.current) heading.current?.focus()
    first.current = false
  }, [screen])

  useEffect(() => {
    // The next page is likely wanted soon; the first one is not made to wait for it.
    const timer = setTimeout(() => void loadReport().catch(() => undefined), 2500)
    return () => clearTimeout(timer)
  }, [])

  return (
    <div className="page citizen">
      <header>
        {screen !== 'home' && (
          <a className="button plain back" href="/" onClick={follow}>
            <span aria-hidden="true">‹</span>
            <span className="only-read">{t('home')}</span>
          </a>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <div className="switches">
          <TypeSwitch />
          <LanguageSwitch />
        </div>
      </header>
      <LoadGuard key={screen} text={t('page_lost')} again={t('again')}>
        <Suspense fallback={<p className="empty">{t('loading')}</p>}>
          {screen === 'home' && <Home />}
          {screen === 'report' && <ReportPage />}
          {screen === 'done' && <DonePage />}
          {screen === 'follow' && <FollowPage path={path} />}
          {screen === 'none' && (
            <main>
              <p className="empty">{t('not_found_hint')}</p>
            </main>
          )}
        </Suspense>
      </LoadGuard>
      {screen !== 'report' && (
        <footer className="citizen-foot">
          <ThemeSwitch />
          <a href="/desk">{t('staff')}</a>
        </footer>
      )}
    </div>
  )
}

function TypeSwitch() {
  const t = useT()
  const large = useLargeType()
  return (
    <button
      type="button"
      className="button plain"
      aria-pressed={large}
      onClick={() => chooseType(!large)}
    >
      {large ? t('normal_type') : t('large_type')}
    </button>
  )
}

interface GuardProps {
  text: string
  again: string
  children: ReactNode
}

/** A part of the page that did not arrive over a poor network can be asked for again. */
class LoadGuard extends Component<GuardProps, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <main>
        <div className="empty" role="alert">
          <p>{this.props.text}</p>
          <button type="button" className="button" onClick={() => location.reload()}>
            {this.props.again}
          </button>
        </div>
      </main>
    )
  }
}
