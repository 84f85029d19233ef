/** The frame of every field page: title, what the network does, tabs. */
import type { ReactNode } from 'react'
import { goSignIn } from '../../api/session'
import { follow, usePath } from '../../ui/path'
import { useNotice } from './notice'
import { useOutbox } from './store/running'
import { useT } from './words'

interface ShellProps {
  title: string
  /** Where "back" leads; pages that have it have no tabs. */
  back?: string
  /** Something beside the title. */
  aside?: ReactNode
  foot?: ReactNode
  children: ReactNode
}

export function Shell({ title, back, aside, foot, children }: ShellProps) {
  const t = useT()
  const said = useNotice()
  return (
    <div className="page field-page">
      <header>
        {back && (
          <a href={back} onClick={follow} className="button plain">
            <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M15 5l-7 7 7 7" />
            </svg>
            <span className="only-read">{t('back')}</span>
          </a>
        )}
        <h1>{title}</h1>
        {aside}
      </header>
      <Network />
      <main>{children}</main>
      {foot && <div className="foot">{foot}</div>}
      {!back && <Tabs />}
      <div aria-live="polite">{said && <div className="toast">{said}</div>}</div>
    </div>
  )
}

/** What stands between the phone and the server, when something does. */
function Network() {
  const t = useT()
  const { items, signedOut, unreachable } = useOutbox()
  const waiting = items.filter((item) => item.state === 'waiting').length
  const sending = items.filter((item) => item.state === 'sending').length
  if (signedOut) {
    return (
      <div className="note" role="status">
        <span>{t('signed_out')}</span>
        <button type="button" className="button" onClick={goSignIn}>
          {t('sign_in')}
        </button>
      </div>
    )
  }
  if (unreachable) {
    return (
      <p className="note" role="status">
        {waiting ? t('offline_waiting', { count: waiting }) : t('offline')}
      </p>
    )
  }
  if (sending) {
    return (
      <p className="note" role="status">
        {t('sending_now', { count: sending + waiting })}
      </p>
    )
  }
  return null
}

const TABS = [
  { path: '/m', word: 'tab_tasks', icon: 'M5 6h14M5 12h14M5 18h9' },
  { path: '/m/map', word: 'tab_map', icon: 'M4 7l5-2 6 2 5-2v12l-5 2-6-2-5 2zM9 5v12M15 7v12' },
  { path: '/m/report', word: 'tab_report', icon: 'M12 5v14M5 12h14' },
  { path: '/m/outbox', word: 'tab_outbox', icon: 'M4 13l2-8h12l2 8v6H4zM4 13h5l1 3h4l1-3h5' },
  {
    path: '/m/me',
    word: 'tab_me',
    icon: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 20c1-4 4-6 8-6s7 2 8 6',
  },
] as const

function Tabs() {
  const t = useT()
  const path = usePath().split('?')[0]
  const { items } = useOutbox()
  const open = items.filter((item) => item.state !== 'sent').length
  return (
    <nav className="tabs" aria-label={t('tabs')}>
      {TABS.map((tab) => (
        <a
          key={tab.path}
          href={tab.path}
          onClick={follow}
          aria-current={path === tab.path ? 'page' : undefined}
        >
          <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d={tab.icon} />
          </svg>
          <span>
            {t(tab.word)}
            {tab.word === 'tab_outbox' && open > 0 && <b className="badge num">{open}</b>}
          </span>
        </a>
      ))}
    </nav>
  )
}
