/** The field pages: whose they are, which one is open. */
import { type ReactNode, useEffect } from 'react'
import { said } from '../../api/problem'
import { goSignIn, type Me } from '../../api/session'
import { loadEnglish } from '../../app/language'
import { later, useAhead } from '../../ui/later'
import { usePath } from '../../ui/path'
import { useToday } from './offline/today'
import { Shell } from './Shell'
import { usePerson } from './store/person'
import { useSender } from './store/running'
import { TasksPage } from './tasks/TasksPage'
import { useT } from './words'

const TaskPage = later(async () => (await import('./tasks/TaskPage')).default, Framed)
const MapPage = later(async () => (await import('./map/MapPage')).default, Framed)
const ReportPage = later(async () => (await import('./report/ReportPage')).default, Framed)
const OutboxPage = later(async () => (await import('./outbox/OutboxPage')).default, Framed)
const MePage = later(async () => (await import('./me/MePage')).default, Framed)

const Patrol = later(async () => (await import('./me/patrol')).Patrol, Unseen)

/** All that is needed where there may be no network a minute from now. The map is large: it is the
 * service worker's to bring. */
const AHEAD = [
  TaskPage.ahead,
  OutboxPage.ahead,
  ReportPage.ahead,
  MePage.ahead,
  Patrol.ahead,
  loadEnglish,
  () => import('exifr/dist/lite.esm.mjs'),
]

export function Field() {
  const t = useT()
  const { me, error, again } = usePerson()
  useEffect(() => {
    document.title = t('field')
  })
  if (me) return <Signed me={me} />
  if (me === null) {
    return (
      <Plain text={t('who')}>
        <button type="button" className="button main" onClick={goSignIn}>
          {t('sign_in')}
        </button>
      </Plain>
    )
  }
  if (!error) return <p className="empty">{t('loading')}</p>
  return (
    <Plain text={`${t('cannot_start')} ${said(error)}`}>
      <button type="button" className="button main" onClick={again}>
        {t('try_again')}
      </button>
    </Plain>
  )
}

function Plain({ text, children }: { text: string; children: ReactNode }) {
  const t = useT()
  return (
    <div className="page">
      <header>
        <h1>{t('field')}</h1>
      </header>
      <main>
        <p>{text}</p>
        {children}
      </main>
    </div>
  )
}

function Signed({ me }: { me: Me }) {
  useSender(me.user.id)
  useToday(me)
  useAhead(AHEAD)
  const path = usePath()
  return (
    <>
      <Patrol person={me.user.id} />
      {pageOf(path, me)}
    </>
  )
}

function Framed({ children }: { children: ReactNode }) {
  const t = useT()
  return <Shell title={t('field')}>{children}</Shell>
}

function Unseen() {
  return null
}

function pageOf(path: string, me: Me) {
  const url = new URL(path, location.origin)
  const task = /^\/m\/task\/(\d+)$/.exec(url.pathname)?.[1]
  if (task) return <TaskPage key={task} me={me} caseId={Number(task)} />
  switch (url.pathname) {
    case '/m/map':
      return <MapPage me={me} />
    case '/m/report':
      return <ReportPage me={me} component={url.searchParams.get('component')} />
    case '/m/outbox':
      return <OutboxPage me={me} />
    case '/m/me':
      return <MePage me={me} />
    default:
      return <TasksPage me={me} />
  }
}
