/** The nearest components of a class to a place. */

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Select } from 'antd'
import { useMemo } from 'react'
import { api, take } from '../../../api/client'
import { said } from '../../../api/problem'
import { named, useLanguage } from '../../../app/language'
import type { Place } from '../../../map/CityMap'
import type { Near } from './data'
import { nearest } from './data'
import { componentState } from './Identify'
import { lonLat, metres } from './units'
import { useT } from './words'

export function useNearest(point: Place | null, kind: string, byRoad: boolean, enabled: boolean) {
  return useQuery({
    queryKey: ['map', 'nearest', point?.join(), kind, byRoad],
    queryFn: ({ signal }) => (point ? nearest(point, kind, byRoad, signal) : []),
    enabled: enabled && point !== null && kind !== '',
    retry: false,
  })
}

async function readClasses() {
  const editions = await take(api.GET('/api/editions'))
  const edition = editions.find((each) => each.is_default) ?? editions[0]
  if (!edition) return []
  return take(
    api.GET('/api/editions/{edition}/component-classes', {
      params: { path: { edition: edition.code } },
    }),
  )
}

interface NearestProps {
  point: Place | null
  kind: string
  byRoad: boolean
  found: readonly Near[] | undefined
  error: Error | null
  onKind: (kind: string) => void
  onRoad: (byRoad: boolean) => void
  onShow: (place: Place) => void
}

export function Nearest(props: NearestProps) {
  const { point, kind, byRoad, found, error, onKind, onRoad, onShow } = props
  const t = useT()
  const spoken = useLanguage()
  const { data: classes } = useQuery({
    queryKey: ['choices', 'component-classes'],
    queryFn: readClasses,
    staleTime: 3_600_000,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: names are of the language spoken
  const options = useMemo(
    () => classes?.map((each) => ({ value: each.code, label: named(each) })) ?? [],
    [classes, spoken],
  )
  return (
    <>
      <p className="soft">{t('nearest_hint')}</p>
      <Select
        showSearch
        className="map-select"
        aria-label={t('nearest_class')}
        placeholder={t('nearest_class')}
        options={options}
        loading={!classes}
        optionFilterProp="label"
        value={kind || undefined}
        onChange={(value: string) => onKind(value)}
      />
      <label className="map-row">
        {t('nearest_by')}
        <select
          value={byRoad ? 'road' : 'straight'}
          onChange={(event) => onRoad(event.target.value === 'road')}
        >
          <option value="straight">{t('by_straight')}</option>
          <option value="road">{t('by_road')}</option>
        </select>
      </label>
      {point && <p className="soft num">{t('nearest_from', { place: lonLat(point) })}</p>}
      {error && <p className="map-problem">{said(error)}</p>}
      <ol className="map-near" aria-live="polite">
        {found?.map((near) => (
          <li key={near.code}>
            <span className="num map-metres">{metres(near.metres)}</span>
            <button
              type="button"
              className="map-link"
              title={near.code}
              onClick={() => onShow([near.lon, near.lat])}
            >
              {named({ name_zh: near.class_zh, name_en: near.class_en })}
            </button>
            <span className="soft">{componentState(t, near.state)}</span>
            <Link className="num" to="/components/$code" params={{ code: near.code }}>
              {near.code}
            </Link>
          </li>
        ))}
      </ol>
      {found?.length === 0 && (
        <p className="soft">{t(byRoad ? 'nearest_none_by_road' : 'nearest_none')}</p>
      )}
    </>
  )
}
