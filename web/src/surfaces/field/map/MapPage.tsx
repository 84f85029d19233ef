/** My tasks and my ground on the map. */
import { useMemo, useState } from 'react'
import type { Me } from '../../../api/session'
import { named } from '../../../app/language'
import { phaseOf } from '../../../app/phase'
import type { Bounds, Picked } from '../../../map/CityMap'
import { PhoneMap } from '../../../map/PhoneMap'
import { around, type Box } from '../../../offline/tiles'
import { Clock, StateMark } from '../../../ui/Phase'
import { follow } from '../../../ui/path'
import { useTheme } from '../../../ui/Switches'
import { boxesOf } from '../offline/prepare'
import { locate, useWhereabouts } from '../position'
import { Shell } from '../Shell'
import { useKept } from '../store/kept'
import { fetchTasks, type TaskRow } from '../tasks/read'
import { useT } from '../words'
import { fetchGrids } from './grids'

export default function MapPage({ me }: { me: Me }) {
  const t = useT()
  const theme = useTheme()
  const tasks = useKept(me.user.id, 'tasks', fetchTasks)
  const grids = useKept(me.user.id, 'grids', fetchGrids)
  const { position, state } = useWhereabouts()
  const [components, setComponents] = useState(false)
  const [chosen, choose] = useState<Picked | null>(null)
  const [view, setView] = useState<Bounds | null>(null)
  const rows = useMemo(() => pointsOf(tasks.data ?? []), [tasks.data])
  const home = useMemo(
    () => hull([...boxesOf(grids.data), ...taskBoxes(tasks.data ?? [])]),
    [grids.data, tasks.data],
  )
  const task =
    chosen?.layer === 'rows'
      ? tasks.data?.find((each) => each.case_id === Number(chosen.properties.id))
      : undefined
  const code = chosen?.layer === 'components' ? String(chosen.properties.code ?? '') : ''

  return (
    <Shell title={t('map')}>
      <div className="map-tools">
        <label className="check">
          <input
            type="checkbox"
            checked={components}
            onChange={(event) => setComponents(event.target.checked)}
          />
          {t('layer_components')}
        </label>
        <button
          type="button"
          className="button"
          onClick={() => {
            locate()
            if (position) setView([...around(position.lon, position.lat)])
          }}
        >
          {t('where_am_i')}
        </button>
      </div>
      {(state === 'denied' || state === 'unavailable') && (
        <p className="note bad" role="alert">
          {t(state === 'denied' ? 'position_denied' : 'position_unavailable')}
        </p>
      )}
      <PhoneMap
        className="map tall"
        label={t('map_label')}
        theme={theme}
        layers={components ? ['duty_grids', 'components'] : ['duty_grids']}
        rows={rows}
        selected={task?.case_id ?? null}
        pin={position ? [position.lon, position.lat] : null}
        view={view ?? home}
        onPick={choose}
      >
        <p className="empty">{t('no_webgl')}</p>
      </PhoneMap>
      {task && <Chosen task={task} />}
      {code && (
        <section className="card form" aria-live="polite">
          <h2 className="num">{t('component_here', { code })}</h2>
          <a
            className="button main"
            href={`/m/report?component=${encodeURIComponent(code)}`}
            onClick={follow}
          >
            {t('report_this')}
          </a>
        </section>
      )}
      <details className="card">
        <summary>{t('tasks_on_map')}</summary>
        <ul className="plain-list">
          {(tasks.data ?? []).map((each) => (
            <li key={each.id}>
              <a href={`/m/task/${each.case_id}`} onClick={follow}>
                {named(each.case.matter, t('no_matter'))} · {each.case.address}
              </a>
            </li>
          ))}
        </ul>
      </details>
    </Shell>
  )
}

function Chosen({ task }: { task: TaskRow }) {
  const t = useT()
  return (
    <section className="card form" aria-live="polite">
      <h2>{named(task.case.matter, t('no_matter'))}</h2>
      <p className="two-lines">{task.case.description}</p>
      <div className="task-foot">
        <StateMark row={task.case} />
        <Clock row={task.case} />
      </div>
      <a className="button main" href={`/m/task/${task.case_id}`} onClick={follow}>
        {t('open_task')}
      </a>
    </section>
  )
}

function pointsOf(tasks: readonly TaskRow[]) {
  return {
    type: 'FeatureCollection' as const,
    features: tasks.flatMap(({ case: row }) =>
      row.lon === null || row.lat === null
        ? []
        : [
            {
              type: 'Feature' as const,
              geometry: { type: 'Point' as const, coordinates: [row.lon, row.lat] },
              properties: { id: row.id, phase: phaseOf(row) },
            },
          ],
    ),
  }
}

function taskBoxes(tasks: readonly TaskRow[]): Box[] {
  return tasks.flatMap(({ case: row }) =>
    row.lon === null || row.lat === null ? [] : [around(row.lon, row.lat)],
  )
}

function hull(boxes: readonly Box[]): Bounds | null {
  if (!boxes.length) return null
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ]
}
