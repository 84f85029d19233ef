/** What and where: the map, the address, who answers for it, under which standard. */
import { type ReactNode, useMemo } from 'react'
import { named, pick } from '../../../app/language'
import { phaseOf } from '../../../app/phase'
import { longTime } from '../../../app/time'
import type { Bounds } from '../../../map/CityMap'
import { LaterMap } from '../../../map/LaterMap'
import { useTheme } from '../../../ui/Switches'
import type { CaseDetail, Standard } from './shape'
import { useT, word } from './words'

export function Facts({ detail }: { detail: CaseDetail }) {
  const t = useT()
  const { standard } = detail
  return (
    <section aria-label={t('facts')}>
      <SmallMap detail={detail} />
      <dl className="case-facts">
        <Fact name={t('f_address')} value={detail.address || t('no_place')} />
        <Fact name={t('f_area')} value={named(detail.area)} />
        <Fact name={t('f_grid')} value={detail.unit_grid} figure />
        <Fact
          name={t('f_component')}
          value={detail.component && `${detail.component_name} ${detail.component}`.trim()}
        />
        <Fact name={t('f_channel')} value={word('channel', detail.channel)} />
        <Fact name={t('f_reported')} value={longTime(detail.reported_at)} />
        <Fact name={t('f_filed')} value={detail.filed_at && longTime(detail.filed_at)} />
        <Fact name={t('f_closed')} value={detail.closed_at && longTime(detail.closed_at)} />
        <Fact name={t('f_department')} value={named(detail.department)} />
        <Fact name={t('f_handler')} value={detail.handler?.name} />
        {standard && (
          <>
            <Fact
              name={t('f_standard')}
              value={pick(standard.condition_zh, standard.condition_en)}
            />
            <Fact name={t('f_limit')} value={limitOf(standard)} />
            <Fact name={t('f_closing')} value={pick(standard.closing_zh, standard.closing_en)} />
          </>
        )}
        <Fact name={t('f_make_safe')} value={makeSafe(detail, t)} />
        <Fact name={t('f_note')} value={detail.status_note} />
        <Fact name={t('f_rates')} value={rates(detail)} />
      </dl>
    </section>
  )
}

function Fact({ name, value, figure }: { name: string; value?: ReactNode; figure?: boolean }) {
  if (!value) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd className={figure ? 'num' : undefined}>{value}</dd>
    </div>
  )
}

/** Class A · 4 working hours. */
export function limitOf(standard: Standard): string {
  const unit = word('unit', standard.unit, standard.limit)
  const limit = String(standard.limit)
  if (!standard.limit_class) return `${limit} ${unit}`
  return word('limit', 'of')
    .replace('{class}', standard.limit_class)
    .replace('{limit}', `${limit} ${unit}`)
}

function makeSafe(detail: CaseDetail, t: ReturnType<typeof useT>): string | null {
  if (detail.make_safe_at) return t('f_make_safe_done', { at: longTime(detail.make_safe_at) })
  const due = detail.make_safe_due_at
  return due ? t('f_make_safe_due', { due: longTime(due) }) : null
}

/** Answered, solved, satisfied, as the reporter said; null before anybody asked. */
export function rates(said: {
  answered: boolean | null
  solved: boolean | null
  satisfied: boolean | null
}): string | null {
  const { answered, solved, satisfied } = said
  if (answered === null || solved === null || satisfied === null) return null
  return [
    word('rate', answered ? 'answered' : 'not_answered'),
    word('rate', solved ? 'solved' : 'not_solved'),
    word('rate', satisfied ? 'satisfied' : 'not_satisfied'),
  ].join(' · ')
}

/** Half a kilometre around the place. */
export function around(lon: number, lat: number, degrees = 0.004): Bounds {
  return [lon - degrees, lat - degrees * 0.7, lon + degrees, lat + degrees * 0.7]
}

function SmallMap({ detail }: { detail: CaseDetail }) {
  const t = useT()
  const theme = useTheme()
  const { id, lon, lat } = detail
  const phase = phaseOf(detail)
  const place = useMemo(() => {
    if (lon === null || lat === null) return null
    return {
      view: around(lon, lat),
      rows: {
        type: 'FeatureCollection' as const,
        features: [
          {
            type: 'Feature' as const,
            geometry: { type: 'Point' as const, coordinates: [lon, lat] },
            properties: { id, phase },
          },
        ],
      },
    }
  }, [id, lon, lat, phase])
  if (!place) return null
  return (
    <LaterMap
      label={t('map')}
      className="case-map"
      theme={theme}
      layers={['unit_grids', 'components']}
      rows={place.rows}
      selected={id}
      view={place.view}
    >
      <p>{t('map_none', { lon: String(lon), lat: String(lat) })}</p>
    </LaterMap>
  )
}
