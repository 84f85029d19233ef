/** What waits for me in the street, nearest or most urgent first. */
import { useCallback, useState } from 'react'
import { said } from '../../../api/problem'
import type { Me } from '../../../api/session'
import { named } from '../../../app/language'
import { shortTime } from '../../../app/time'
import { Chips } from '../../../ui/Chips'
import { Clock, StateMark } from '../../../ui/Phase'
import { follow } from '../../../ui/path'
import { far } from '../distance'
import { locate, useWhereabouts } from '../position'
import { Shell } from '../Shell'
import { useKept } from '../store/kept'
import { useArrival, useOutbox } from '../store/running'
import { useT } from '../words'
import { distanceOf, isKind, KINDS, type Kind, ordered, type Sort } from './order'
import { fetchTasks, type TaskRow } from './read'

const MOST_SHOWN = 200

export function TasksPage({ me }: { me: Me }) {
  const t = useT()
  const tasks = useKept(me.user.id, 'tasks', fetchTasks)
  const { again } = tasks
  useArrival(useCallback(() => again(), [again]))
  const { position, state } = useWhereabouts()
  const { items } = useOutbox()
  const [kind, setKind] = useState<Kind | 'all'>('all')
  const [sort, setSort] = useState<Sort | null>(null)
  const by = sort ?? (position ? 'near' : 'due')
  const all = tasks.data ?? []
  const kinds = KINDS.filter((each) => all.some((task) => task.kind === each))
  const rows = ordered(all, kind, by, position)
  const waiting = new Set(
    items.flatMap((item) => (item.kind === 'step' && item.state !== 'sent' ? [item.caseId] : [])),
  )
  const count = (wanted: Kind | 'all') =>
    all.filter((task) => wanted === 'all' || task.kind === wanted).length

  return (
    <Shell
      title={t('tasks')}
      aside={
        tasks.at !== null && tasks.error ? (
          <span className="soft num">{t('as_of', { time: shortTime(tasks.at) })}</span>
        ) : undefined
      }
    >
      <div className="filters">
        {kinds.length > 1 && (
          <Chips
            legend={t('kind')}
            name="kind"
            value={kind}
            onChange={setKind}
            choices={(['all', ...kinds] as const).map((value) => ({
              value,
              label: `${t(`kind_${value}`)} ${count(value)}`,
            }))}
          />
        )}
        <Chips
          legend={t('sort')}
          name="sort"
          value={by}
          onChange={(next) => {
            setSort(next)
            if (next === 'near') locate()
          }}
          choices={[
            { value: 'due', label: t('sort_due') },
            { value: 'near', label: t('sort_near') },
          ]}
        />
      </div>
      {by === 'near' && state === 'asking' && <p className="soft">{t('locating')}</p>}
      {by === 'near' && (state === 'denied' || state === 'unavailable') && (
        <p className="note bad" role="alert">
          {t(state === 'denied' ? 'position_denied' : 'position_unavailable')}
        </p>
      )}
      {tasks.loading && !tasks.data && <p className="empty">{t('loading')}</p>}
      {!!tasks.error && !tasks.data && (
        <div className="note bad" role="alert">
          <span>{said(tasks.error)}</span>
          <button type="button" className="button" onClick={again}>
            {t('try_again')}
          </button>
        </div>
      )}
      {tasks.data && !rows.length && (
        <p className="empty">{t(all.length ? 'tasks_none_kind' : 'tasks_none')}</p>
      )}
      <ul className="plain-list">
        {rows.slice(0, MOST_SHOWN).map((task) => (
          <li key={task.id}>
            <TaskCard
              task={task}
              distance={distanceOf(task, position)}
              waiting={waiting.has(task.case_id)}
            />
          </li>
        ))}
      </ul>
      {rows.length > MOST_SHOWN && <p className="soft">{t('tasks_many', { count: MOST_SHOWN })}</p>}
    </Shell>
  )
}

interface CardProps {
  task: TaskRow
  distance: number | null
  waiting: boolean
}

function TaskCard({ task, distance, waiting }: CardProps) {
  const t = useT()
  const row = task.case
  return (
    <a className="card task" href={`/m/task/${row.id}`} onClick={follow}>
      <div className="task-head">
        <h2>{named(row.matter, t('no_matter'))}</h2>
        <span className="mark">{isKind(task.kind) ? t(`kind_${task.kind}`) : task.kind}</span>
        {!task.assignee && <span className="mark quiet">{t('pool')}</span>}
        {waiting && <span className="mark busy">{t('in_outbox')}</span>}
      </div>
      <p className="two-lines">{row.description}</p>
      <p className="soft two-lines">{row.address || named(row.area, t('no_place'))}</p>
      <div className="task-foot">
        <StateMark row={row} />
        <Clock row={row} />
        {distance !== null && <span className="num distance">{far(distance)}</span>}
      </div>
    </a>
  )
}
