/** One case to read: what, where, how it looks, who did what; and what a leader may do. */
import { photo } from '../../api/client'
import { isRefusal, said } from '../../api/problem'
import { actorName } from '../../app/actor'
import { named } from '../../app/language'
import { useLive } from '../../app/live'
import { phaseOf, STATES, type State, stateName } from '../../app/phase'
import { duration, shortTime } from '../../app/time'
import { CityMap } from '../../map/CityMap'
import { Clock, StateMark } from '../../ui/Phase'
import { useTheme } from '../../ui/Switches'
import { useData } from '../../ui/useData'
import { CaseSteps } from './CaseSteps'
import { type CaseDetail, readCase } from './caseDetail'
import { useT, word } from './opened/text'
import type { Person } from './person'

const NEAR = 0.006

export function CasePage({ id, person }: { id: number; person: Person }) {
  const t = useT()
  const { data, error, loading, again } = useData(
    Number.isInteger(id) ? String(id) : null,
    (signal) => readCase(id, signal),
  )
  useLive(['governance.case'], (event) => {
    if (event.subject_id === String(id)) again()
  })
  if (!data) {
    return (
      <div className="empty">
        {loading ? (
          <p role="status">{t('loading')}</p>
        ) : (
          <>
            <p role="alert">{error ? said(error) : t('not_found')}</p>
            {!isRefusal(error, 404) && (
              <button type="button" className="button" onClick={again}>
                {t('try_again')}
              </button>
            )}
          </>
        )}
      </div>
    )
  }
  return (
    <article className="leader-case">
      <header className="card">
        <h2>{named(data.matter, t('no_matter'))}</h2>
        <p className="num">{data.number ?? t('not_filed', { id: data.id })}</p>
        <p className="leader-case-top">
          <StateMark row={data} />
          <Clock row={data} />
        </p>
        <p className="leader-case-said">{data.description}</p>
        <Marks data={data} />
      </header>
      <CaseSteps data={data} person={person} again={again} />
      <PlaceCard data={data} />
      <Facts data={data} />
      <PhotoCard data={data} />
      <Timeline data={data} />
    </article>
  )
}

function Marks({ data }: { data: CaseDetail }) {
  const t = useT()
  const marks = [
    data.urgency === 'urgent' && t('urgent'),
    data.supervision_count > 0 && t('supervised', { count: data.supervision_count }),
    data.urge_count > 0 && t('urged', { count: data.urge_count }),
    data.rework_count > 0 && t('reworked', { count: data.rework_count }),
    data.report_count > 1 && t('reported_by', { count: data.report_count }),
    data.forced && t('forced'),
  ].filter((mark) => typeof mark === 'string')
  if (marks.length === 0) return null
  return <p className="soft">{marks.join(' · ')}</p>
}

function PlaceCard({ data }: { data: CaseDetail }) {
  const t = useT()
  const theme = useTheme()
  const { lon, lat } = data
  return (
    <section className="card">
      <h2>{t('place')}</h2>
      <p>{data.address || named(data.area, t('no_place'))}</p>
      {lon !== null && lat !== null && (
        <CityMap
          className="leader-map"
          label={t('map_of_case')}
          theme={theme}
          view={[lon - NEAR, lat - NEAR, lon + NEAR, lat + NEAR]}
          rows={{
            type: 'FeatureCollection',
            features: [
              {
                type: 'Feature',
                geometry: { type: 'Point', coordinates: [lon, lat] },
                properties: { id: data.id, phase: phaseOf(data) },
              },
            ],
          }}
          controls={false}
        >
          <p className="soft num">
            {lon.toFixed(5)}, {lat.toFixed(5)}
          </p>
        </CityMap>
      )}
    </section>
  )
}

function Facts({ data }: { data: CaseDetail }) {
  const t = useT()
  const rows: [string, string][] = [
    [t('f_department'), named(data.department, '—')],
    [t('f_handler'), data.handler?.name ?? '—'],
    [t('f_reported'), shortTime(data.reported_at)],
    [t('f_filed'), shortTime(data.filed_at)],
    [t('f_handle_due'), shortTime(data.handle_due_at)],
    [t('f_closed'), shortTime(data.closed_at)],
    [t('f_area'), named(data.area, '—')],
  ]
  if (data.component) rows.push([t('f_component'), data.component_name || data.component])
  return (
    <section className="card">
      <h2>{t('facts')}</h2>
      <dl className="leader-facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function PhotoCard({ data }: { data: CaseDetail }) {
  const t = useT()
  const keys = [
    ...data.reports.flatMap((report) => report.attachments),
    ...data.records.flatMap((record) => record.attachments),
  ]
  const photos = [...new Set(keys)]
  if (photos.length === 0) return null
  return (
    <section className="card">
      <h2>{t('photos')}</h2>
      <div className="photos">
        {photos.map((key, index) => (
          <a key={key} href={photo(key)} target="_blank" rel="noreferrer">
            <img src={photo(key, 'thumb')} alt={t('photo', { n: index + 1 })} loading="lazy" />
          </a>
        ))}
      </div>
    </section>
  )
}

function Timeline({ data }: { data: CaseDetail }) {
  const t = useT()
  return (
    <section className="card">
      <h2>{t('timeline')}</h2>
      <ol className="leader-timeline">
        {[...data.records].reverse().map((record) => (
          <li key={record.seq}>
            <p>
              <strong>{word('op', record.operation)}</strong>
              <span className="soft num">{shortTime(record.at)}</span>
            </p>
            <p className="soft">
              {[actorName(record.actor), named(record.organisation)].filter(Boolean).join(' · ')}
            </p>
            {(record.receiver || record.receiver_organisation) && (
              <p className="soft">
                {t('to', { name: record.receiver?.name ?? named(record.receiver_organisation) })}
              </p>
            )}
            {record.opinion && <p className="leader-opinion">{record.opinion}</p>}
            {record.used_seconds !== null && record.used_seconds > 0 && (
              <p className={`num ${record.timed_out ? 'phase phase-over' : 'soft'}`}>
                {t(record.timed_out ? 'used_late' : 'used', {
                  time: duration(record.used_seconds * 1000),
                })}
              </p>
            )}
            {record.to_state !== record.from_state && isState(record.to_state) && (
              <p className="soft">→ {stateName(record.to_state)}</p>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

function isState(code: string): code is State {
  return STATES.some((state) => state === code)
}
