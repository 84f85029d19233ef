/** The frame of the citizen pages: head, the page of the address, foot. */
import { type ReactNode, useEffect, useRef } from 'react'
import { city } from '../../app/city'
import { pick } from '../../app/language'
import { later, useAhead } from '../../ui/later'
import { follow, usePath } from '../../ui/path'
import { LanguageSwitch, ThemeSwitch } from '../../ui/Switches'
import { Home } from './Home'
import { chooseType, useLargeType } from './largeType'
import { useT } from './words'

const ReportPage = later(async () => (await import('./report/ReportPage')).default, Framed)
const DonePage = later(async () => (await import('./DonePage')).default, Framed)
const FollowPage = later(async () => (await import('./FollowPage')).default, Framed)
/** The report is likely wanted soon, and its receipt must show even if the network goes right after
 * sending. */
const AHEAD = [ReportPage.ahead, DonePage.ahead]

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

  useAhead(AHEAD)

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
      {screen === 'home' && <Home />}
      {screen === 'report' && <ReportPage />}
      {screen === 'done' && <DonePage />}
      {screen === 'follow' && <FollowPage path={path} />}
      {screen === 'none' && (
        <main>
          <p className="empty">{t('not_found_hint')}</p>
        </main>
      )}
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

function Framed({ children }: { children: ReactNode }) {
  return <main>{children}</main>
}
