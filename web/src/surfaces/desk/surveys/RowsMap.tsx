/** The rows of the page on the map; those that were left out are grey. */
import type { FeatureCollection, Point } from 'geojson'
import { useMemo } from 'react'
import type { Bounds } from '../../../map/CityMap'
import { LaterMap } from '../../../map/LaterMap'
import { useTheme } from '../../../ui/Switches'
import { placeOf, type SurveyRow } from './survey'
import { useT } from './words'

const LAYERS = ['components'] as const
const PHASE: Record<string, string> = {
  new: 'done',
  changed: 'doing',
  gone: 'over',
  rejected: 'over',
} // prettier-ignore
const AROUND = 0.002

interface RowsMapProps {
  rows: readonly SurveyRow[]
  marked: number | null
  onPick: (id: number) => void
}

export function RowsMap({ rows, marked, onPick }: RowsMapProps) {
  const t = useT()
  const theme = useTheme()
  const points = useMemo<FeatureCollection<Point>>(
    () => ({
      type: 'FeatureCollection',
      features: rows.flatMap((row) => {
        const place = placeOf(row.geometry)
        if (!place) return []
        return [
          {
            type: 'Feature' as const,
            geometry: { type: 'Point' as const, coordinates: place },
            properties: { id: row.id, phase: row.declined ? 'check' : PHASE[row.verdict] },
          },
        ]
      }),
    }),
    [rows],
  )
  // Declining a row must not move the map: only other rows do.
  const ids = rows.map((row) => row.id).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids stand for the rows
  const view = useMemo(() => boundsOf(points), [ids])
  return (
    <section className="survey-map" aria-label={t('map')}>
      <LaterMap
        className="map"
        label={t('map')}
        theme={theme}
        layers={LAYERS}
        rows={points}
        selected={marked}
        view={view}
        onPick={({ layer, properties }) => {
          const id = Number(properties.id)
          if (layer === 'rows' && Number.isSafeInteger(id)) onPick(id)
        }}
      >
        <p className="empty">{t('map_missing')}</p>
      </LaterMap>
    </section>
  )
}

function boundsOf({ features }: FeatureCollection<Point>): Bounds | null {
  const xs = features.map((each) => each.geometry.coordinates[0] ?? 0)
  const ys = features.map((each) => each.geometry.coordinates[1] ?? 0)
  if (xs.length === 0) return null
  return [
    Math.min(...xs) - AROUND,
    Math.min(...ys) - AROUND,
    Math.max(...xs) + AROUND,
    Math.max(...ys) + AROUND,
  ]
}
