/** The cases of the list on the map: tiles of all of them, the rows of the page above. */
import type { FeatureCollection, Point } from 'geojson'
import type { Map as MapLibre } from 'maplibre-gl'
import { useCallback, useMemo, useRef, useState } from 'react'
import { phaseName, phaseOf } from '../../../app/phase'
import { PHASES } from '../../../app/theme'
import { CityMap, type Picked } from '../../../map/CityMap'
import { useTheme } from '../../../ui/Switches'
import { type Bounds, boundsOf, writeBounds } from './filters'
import type { CaseRow } from './rows'
import { useT } from './words'

interface ListMapProps {
  rows: readonly CaseRow[]
  /** Query string of the tiles. */
  tiles: string
  version: number
  /** The row under the pointer, else the current one. */
  marked: number | null
  /** Bounds of the filter; undefined while the list is not bound to the map. */
  bbox: string | undefined
  onBound: (bbox: string | undefined) => void
  onPick: (id: number) => void
  onHover: (id: number | null) => void
}

const LAYERS = ['cases'] as const

export function ListMap(props: ListMapProps) {
  const { rows, tiles, version, marked, bbox, onBound, onPick, onHover } = props
  const t = useT()
  const theme = useTheme()
  const seen = useRef<Bounds | null>(null)
  // Where the address says to look when the page opens; afterwards the map leads.
  const [view] = useState(() => boundsOf(bbox))
  const bound = bbox !== undefined

  const points = useMemo<FeatureCollection<Point>>(
    () => ({
      type: 'FeatureCollection',
      features: rows.flatMap((row) =>
        row.lon === null || row.lat === null
          ? []
          : [
              {
                type: 'Feature',
                geometry: { type: 'Point', coordinates: [row.lon, row.lat] },
                properties: { id: row.id, phase: phaseOf(row) },
              },
            ],
      ),
    }),
    [rows],
  )

  function pick({ properties }: Picked) {
    const id = Number(properties.id)
    if (Number.isSafeInteger(id) && id > 0) onPick(id)
  }

  const latest = useRef(onHover)
  latest.current = onHover
  const ready = useCallback((map: MapLibre) => {
    seen.current = boundsOfMap(map)
    map.on('mousemove', 'rows', (event) => {
      const id = Number(event.features?.[0]?.properties.id)
      if (Number.isSafeInteger(id)) latest.current(id)
    })
    map.on('mouseleave', 'rows', () => latest.current(null))
  }, [])

  return (
    <section className="list-map" aria-label={t('map')}>
      <CityMap
        className="map"
        label={t('map_label')}
        theme={theme}
        layers={LAYERS}
        cases={tiles}
        version={version}
        rows={points}
        selected={marked}
        view={view}
        onPick={pick}
        onReady={ready}
        onMove={(bounds) => {
          seen.current = bounds
          if (bound) onBound(writeBounds(bounds))
        }}
      >
        <p className="empty">{t('map_missing')}</p>
      </CityMap>
      <label className="map-bound">
        <input
          type="checkbox"
          checked={bound}
          onChange={(event) =>
            onBound(event.target.checked && seen.current ? writeBounds(seen.current) : undefined)
          }
        />
        {t('map_bound')}
      </label>
      <ul className="map-legend" aria-label={t('map_legend')}>
        {PHASES.map((phase) => (
          <li key={phase} className={`phase phase-${phase}`}>
            <span>{phaseName(phase)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function boundsOfMap(map: MapLibre): Bounds {
  const box = map.getBounds()
  return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
}
