/** What lies at a place: every object of the layers that are on, and the ground itself. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readCasesOf, readComponent } from '../../../api/components'
import { said } from '../../../api/problem'
import { named } from '../../../app/language'
import { STATES, type State, stateName } from '../../../app/phase'
import type { Place } from '../../../map/CityMap'
import { StateMark } from '../../../ui/Phase'
import { readPlace } from './data'
import { fieldsOf, type Thing, titleOf } from './hits'
import { Fact } from './Measure'
import { lonLat, metres } from './units'
import { useT } from './words'

interface IdentifyProps {
  point: Place | null
  things: readonly Thing[]
  onCloser: () => void
  /** Somebody wants to know what an area holds. */
  onArea: (code: string) => void
}

export function Identify({ point, things, onCloser, onArea }: IdentifyProps) {
  const t = useT()
  const first = things.find((thing) => thing.counted === null) ?? things[0]
  const [chosen, setChosen] = useState<string | null>(null)
  const open = things.some((thing) => thing.key === chosen) ? chosen : (first?.key ?? null)
  if (!point) return <p className="soft">{t('identify_hint')}</p>
  return (
    <>
      <p role="status" className="soft">
        {things.length ? t('things', { count: things.length }) : t('things_none')}
      </p>
      <ul className="map-things">
        {things.map((thing) => (
          <li key={thing.key}>
            <button
              type="button"
              className="map-thing"
              aria-expanded={thing.key === open}
              onClick={() => setChosen(thing.key === open ? '' : thing.key)}
            >
              <span className="map-kind">{named(thing.layer)}</span>
              <span>{titleOf(thing, t('several', { count: thing.counted ?? 0 }))}</span>
            </button>
            {thing.key === open && <Card thing={thing} onCloser={onCloser} />}
          </li>
        ))}
      </ul>
      <Ground point={point} onArea={onArea} />
    </>
  )
}

function Card({ thing, onCloser }: { thing: Thing; onCloser: () => void }) {
  const t = useT()
  const { layer, properties, counted } = thing
  if (counted !== null) {
    return (
      <div className="map-card">
        <button type="button" className="tool" onClick={onCloser}>
          {t('closer')}
        </button>
      </div>
    )
  }
  if (layer.code === 'cases') return <CaseCard properties={properties} />
  if (layer.code === 'components') return <ComponentCard code={String(properties.code)} />
  const fields = fieldsOf(thing)
  if (fields.length === 0) return null
  return (
    <div className="map-card">
      <dl className="map-facts">
        {fields.map(({ name, value }) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
    </div>
  )
}

function stateOf(value: unknown): State | undefined {
  return STATES.find((state) => state === value)
}

function CaseCard({ properties }: { properties: Record<string, unknown> }) {
  const t = useT()
  const state = stateOf(properties.state)
  const due = typeof properties.due === 'string' ? properties.due : null
  return (
    <div className="map-card">
      {state && <StateMark row={{ state, stage_due_at: due }} />}
      <Link to="/cases/$id" params={{ id: String(properties.id) }}>
        {t('open_case')}
      </Link>
    </div>
  )
}

export function ComponentCard({ code }: { code: string }) {
  const t = useT()
  const { data, error } = useQuery({
    queryKey: ['components', code],
    queryFn: ({ signal }) => readComponent(code, signal),
    retry: false,
  })
  const cases = useQuery({
    queryKey: ['components', code, 'cases'],
    queryFn: ({ signal }) => readCasesOf(code, null, signal),
    retry: false,
  })
  if (error) return <p className="map-problem">{said(error)}</p>
  if (!data) return <p className="soft">{t('loading')}</p>
  return (
    <div className="map-card">
      <dl className="map-facts">
        <Fact name={t('class')} value={named({ name_zh: data.class_zh, name_en: data.class_en })} />
        <Fact name={t('code')} value={data.code} />
        <Fact name={t('state')} value={componentState(t, data.state)} />
        {data.maintainer && <Fact name={t('maintainer')} value={named(data.maintainer)} />}
      </dl>
      <Link to="/components/$code" params={{ code }}>
        {t('open_component')}
      </Link>
      {cases.data && (
        <section aria-label={t('cases_of')}>
          <h4>{cases.data.items.length ? t('cases_of') : t('cases_of_none')}</h4>
          <ul className="map-cases">
            {cases.data.items.slice(0, 5).map((row) => (
              <li key={row.id}>
                <Link to="/cases/$id" params={{ id: String(row.id) }}>
                  {row.number || row.description.slice(0, 20)}
                </Link>
                <span className="soft">{stateName(row.state)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

export function componentState(t: ReturnType<typeof useT>, state: string): string {
  const names: Record<string, string> = {
    intact: t('state_intact'),
    damaged: t('state_damaged'),
    lost: t('state_lost'),
    abandoned: t('state_abandoned'),
    removed: t('state_removed'),
  }
  return names[state] ?? state
}

/** What the register knows of a place without any layer. */
function Ground({ point, onArea }: { point: Place; onArea: (code: string) => void }) {
  const t = useT()
  const { data, error } = useQuery({
    queryKey: ['map', 'place', point.join()],
    queryFn: ({ signal }) => readPlace(point, signal),
    staleTime: 60_000,
    retry: false,
  })
  const below = data?.areas.filter((area) => area.level !== 'city') ?? []
  return (
    <section className="map-ground" aria-label={t('place')}>
      <h3>{t('place')}</h3>
      {error && <p className="map-problem">{said(error)}</p>}
      <dl className="map-facts">
        <Fact name={t('kind_coordinate')} value={lonLat(point)} />
        {data?.areas.length ? (
          <Fact name={t('kind_area')} value={data.areas.map((area) => named(area)).join(' / ')} />
        ) : null}
        {data?.unit_grid && <Fact name={t('kind_grid')} value={data.unit_grid} />}
        {data?.nearest_address && (
          <Fact
            name={t('kind_address')}
            value={`${data.nearest_address.full_text} (${metres(data.nearest_address.distance_m)})`}
          />
        )}
      </dl>
      {data && !data.inside && <p className="soft">{t('outside')}</p>}
      {below.length > 0 && (
        <div className="map-chips" role="group" aria-label={t('select_area')}>
          <span className="soft">{t('select_area')}</span>
          {below.map((area) => (
            <button
              key={area.code}
              type="button"
              className="chip"
              onClick={() => onArea(area.code)}
            >
              {named(area)}
            </button>
          ))}
        </div>
      )}
    </section>
  )
}
