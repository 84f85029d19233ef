/** Where it stands: the map with the grids around it. */
import type { Feature, Geometry } from 'geojson'
import { useMemo } from 'react'
import type { ComponentDetail } from '../../../api/components'
import type { Bounds } from '../../../map/CityMap'
import { LaterMap } from '../../../map/LaterMap'
import { useTheme } from '../../../ui/Switches'
import { useT } from './words'

const NEAR = 0.0012
const LAYERS = ['unit_grids', 'components'] as const

export function Place({ detail }: { detail: ComponentDetail }) {
  const t = useT()
  const theme = useTheme()
  const { code, lon, lat, state, outline } = detail
  const rows = useMemo(() => {
    const point: Feature = {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lon, lat] },
      properties: { id: code, phase: state === 'intact' ? 'doing' : 'over' },
    }
    const drawn: Feature[] = outline ? [{ type: 'Feature', geometry: outline, properties: {} }] : []
    return { type: 'FeatureCollection' as const, features: [...drawn, point] }
  }, [code, lon, lat, state, outline])
  return (
    <section aria-labelledby="component-place">
      <h2 id="component-place">{t('place')}</h2>
      <LaterMap
        className="component-map"
        label={t('map')}
        theme={theme}
        layers={LAYERS}
        rows={rows}
        selected={code}
        view={around(lon, lat, outline)}
      >
        <p className="num">
          {lon.toFixed(7)}, {lat.toFixed(7)}
        </p>
      </LaterMap>
    </section>
  )
}

/** The neighbourhood of the point, with the whole of the outline in it. */
function around(lon: number, lat: number, outline: Geometry | null): Bounds {
  const places = outline && 'coordinates' in outline ? flat(outline.coordinates) : []
  const lons = places.map(([x]) => x)
  const lats = places.map(([, y]) => y)
  return [
    Math.min(lon - NEAR, ...lons),
    Math.min(lat - NEAR * 0.7, ...lats),
    Math.max(lon + NEAR, ...lons),
    Math.max(lat + NEAR * 0.7, ...lats),
  ]
}

/** The positions of a geometry, however deep they lie. */
function flat(coordinates: unknown): [number, number][] {
  if (!Array.isArray(coordinates)) return []
  if (typeof coordinates[0] === 'number') return [[coordinates[0], Number(coordinates[1])]]
  return coordinates.flatMap(flat)
}
