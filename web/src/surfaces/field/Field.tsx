/** The field pages: whose they are, which one is open. */
import { lazy, Suspense, useEffect } from 'react'
import { said } from '../../api/problem'
import { goSignIn, type Me } from '../../api/session'
import { withWords } from '../../app/language'
import { usePath } from '../../ui/path'
import { usePatrol } from './me/patrol'
import { useToday } from './offline/today'
import { Shell } from './Shell'
import { usePerson } from './store/person'
import { useSender } from './store/running'
import { TasksPage } from './tasks/TasksPage'
import { useT } from './words'

const TaskPage = lazy(() => withWords(import('./tasks/TaskPage')))
const MapPage = lazy(() => withWords(import('./map/MapPage')))
const ReportPage = lazy(() => withWords(import('./report/ReportPage')))
const OutboxPage = lazy(() => withWords(import('./outbox/OutboxPage')))
const MePage = lazy(() => withWords(import('./me/MePage')))

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

function Plain({ text, children }: { text: string; children: React.ReactNode }) {
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
  const t = useT()
  useSender(me.user.id)
  usePatrol(me.user.id)
  useToday(me)
  const path = usePath()
  return (
    <Suspense
      fallback={
        <Shell title={t('field')}>
          <p className="empty">{t('loading')}</p>
        </Shell>
      }
    >
      {pageOf(path, me)}
    </Suspense>
  )
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
