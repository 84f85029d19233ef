/** One task: what the case says, and what I decide about it. */
import { useCallback, useState } from 'react'
import { photo } from '../../../api/client'
import { said } from '../../../api/problem'
import type { Me } from '../../../api/session'
import { actorName } from '../../../app/actor'
import { named, pick } from '../../../app/language'
import { stateName } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import { PhoneMap } from '../../../map/PhoneMap'
import { around } from '../../../offline/tiles'
import { Clock, StateMark } from '../../../ui/Phase'
import { useTheme } from '../../../ui/Switches'
import { far, metres } from '../distance'
import { useWhereabouts } from '../position'
import { Shell } from '../Shell'
import { useKept } from '../store/kept'
import { useArrival } from '../store/running'
import { useT } from '../words'
import { actsOf, actsOfKind } from './acts'
import { isState } from './history'
import { isKind } from './order'
import { type Detail, fetchCase, fetchTasks, type TaskRow } from './read'
import { FORM, TaskForm } from './TaskForm'
import { Viewer } from './Viewer'

export default function TaskPage({ me, caseId }: { me: Me; caseId: number }) {
  const t = useT()
  const detail = useKept(me.user.id, `case:${caseId}`, (signal) => fetchCase(caseId, signal))
  const tasks = useKept(me.user.id, 'tasks', fetchTasks)
  const { again } = detail
  useArrival(useCallback(() => again(), [again]))
  const task = tasks.data?.find((each) => each.case_id === caseId)
  const row = detail.data ?? task?.case
  const acts = detail.data
    ? actsOf(detail.data.operations)
    : task && isKind(task.kind)
      ? actsOfKind(task.kind)
      : []
  const title = named(row?.matter, row ? t('no_matter') : t('task'))

  return (
    <Shell
      title={title}
      back="/m"
      aside={
        detail.at !== null && detail.error ? (
          <span className="soft num">{t('as_of', { time: shortTime(detail.at) })}</span>
        ) : undefined
      }
      foot={
        row && acts.length > 0 ? (
          <button type="submit" form={FORM} className="button main">
            {t('submit')}
          </button>
        ) : undefined
      }
    >
      {!row && detail.loading && <p className="empty">{t('loading')}</p>}
      {!row && !!detail.error && (
        <div className="note bad" role="alert">
          <span>
            {t('not_kept')} {said(detail.error)}
          </span>
          <button type="button" className="button" onClick={again}>
            {t('try_again')}
          </button>
        </div>
      )}
      {row && <Facts row={row} />}
      {row && !detail.data && !detail.loading && <p className="soft">{t('only_row')}</p>}
      {row &&
        (acts.length > 0 ? (
          <TaskForm me={me} row={row} title={title} acts={acts} />
        ) : (
          <p className="empty">{t('no_acts')}</p>
        ))}
      {detail.data && <Photos detail={detail.data} />}
      {detail.data && <History detail={detail.data} />}
    </Shell>
  )
}

function Facts({ row }: { row: Detail | TaskRow['case'] }) {
  const t = useT()
  const theme = useTheme()
  const { position } = useWhereabouts()
  const [open, setOpen] = useState(false)
  const { lon, lat } = row
  const place = lon !== null && lat !== null ? { lon, lat } : null
  const more = 'records' in row ? row : null
  return (
    <section className="card facts" aria-label={t('facts')}>
      <div className="task-foot">
        <StateMark row={row} />
        <Clock row={row} />
      </div>
      <p className="words">{row.description}</p>
      <dl>
        <dt>{t('address')}</dt>
        <dd>{row.address || named(row.area, t('no_place'))}</dd>
        {place && position && (
          <>
            <dt>{t('distance')}</dt>
            <dd className="num">{far(metres(position, place))}</dd>
          </>
        )}
        {more?.component && (
          <>
            <dt>{t('component')}</dt>
            <dd>
              {more.component_name} <span className="num soft">{more.component}</span>
            </dd>
          </>
        )}
        {row.department && (
          <>
            <dt>{t('department')}</dt>
            <dd>{named(row.department)}</dd>
          </>
        )}
        {more?.standard && (
          <>
            <dt>{t('closing')}</dt>
            <dd>{pick(more.standard.closing_zh, more.standard.closing_en)}</dd>
          </>
        )}
        {more?.supervisions
          .filter((each) => !each.replied_at)
          .map((each) => (
            <div key={each.at} className="row">
              <dt>{t('requirement')}</dt>
              <dd>{each.requirement}</dd>
            </div>
          ))}
      </dl>
      {row.number && <p className="num soft">{row.number}</p>}
      {place && (
        <>
          <button type="button" className="button" onClick={() => setOpen(!open)}>
            {t(open ? 'hide_map' : 'show_map')}
          </button>
          {open && (
            <PhoneMap
              className="map"
              label={t('map_of_case')}
              theme={theme}
              layers={['duty_grids', 'components']}
              view={[...around(place.lon, place.lat)]}
              pin={[place.lon, place.lat]}
            >
              <p className="empty">{t('no_webgl')}</p>
            </PhoneMap>
          )}
        </>
      )}
    </section>
  )
}

function Photos({ detail }: { detail: Detail }) {
  const t = useT()
  const [shown, show] = useState<number | null>(null)
  const keys = [
    ...new Set([...detail.reports, ...detail.records].flatMap((each) => each.attachments)),
  ]
  if (!keys.length) return null
  return (
    <section className="card">
      <h2>{t('photos_of_case')}</h2>
      <div className="photos">
        {keys.map((key, index) => (
          <button key={key} type="button" className="thumb" onClick={() => show(index)}>
            <img src={photo(key, 'thumb')} alt={t('photo_n', { n: index + 1 })} loading="lazy" />
          </button>
        ))}
      </div>
      {shown !== null && <Viewer keys={keys} at={shown} onMove={show} onClose={() => show(null)} />}
    </section>
  )
}

function History({ detail }: { detail: Detail }) {
  const t = useT()
  return (
    <details className="card">
      <summary>{t('history')}</summary>
      <ol className="history">
        {[...detail.records].reverse().map((record) => (
          <li key={record.seq}>
            <p>
              <span className="num soft">{shortTime(record.at)}</span>{' '}
              {isState(record.to_state) ? stateName(record.to_state) : record.to_state} ·{' '}
              {actorName(record.actor)}
            </p>
            {record.opinion && <p>{record.opinion}</p>}
          </li>
        ))}
      </ol>
    </details>
  )
}
