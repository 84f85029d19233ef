/** Where it stands: the map with the grids around it. */
import { lazy, Suspense, useMemo } from 'react'
import type { ComponentDetail } from '../../../api/components'
import { useTheme } from '../../../ui/Switches'
import { useT } from './words'

const CityMap = lazy(() =>
  import('../../../map/CityMap').then((file) => ({ default: file.CityMap })),
)
const NEAR = 0.0012
const LAYERS = ['unit_grids', 'components'] as const

export function Place({ detail }: { detail: ComponentDetail }) {
  const t = useT()
  const theme = useTheme()
  const { code, lon, lat, state } = detail
  const rows = useMemo(
    () => ({
      type: 'FeatureCollection' as const,
      features: [
        {
          type: 'Feature' as const,
          geometry: { type: 'Point' as const, coordinates: [lon, lat] },
          properties: { id: code, phase: state === 'intact' ? 'doing' : 'over' },
        },
      ],
    }),
    [code, lon, lat, state],
  )
  return (
    <section aria-labelledby="component-place">
      <h2 id="component-place">{t('place')}</h2>
      <Suspense fallback={<div className="component-map" />}>
        <CityMap
          className="component-map"
          label={t('map')}
          theme={theme}
          layers={LAYERS}
          rows={rows}
          selected={code}
          view={[lon - NEAR, lat - NEAR * 0.7, lon + NEAR, lat + NEAR * 0.7]}
        >
          <p className="num">
            {lon.toFixed(7)}, {lat.toFixed(7)}
          </p>
        </CityMap>
      </Suspense>
    </section>
  )
}
