/** What is selected: an outline that somebody drew, or an area of the city with its outline. */
import { skipToken, useQuery } from '@tanstack/react-query'
import type { Feature } from 'geojson'
import { useMemo } from 'react'
import { boundsAround } from '../../../map/bounds'
import type { Place } from '../../../map/CityMap'
import { readArea } from './data'
import { type MapSearch, ringOf } from './search'
import { closed } from './sketch'

export type Selection = { ring: readonly Place[] } | { area: string }

/** What the server is asked for. */
export function asked(selection: Selection): object {
  if ('area' in selection) return selection
  return { within: { type: 'Polygon', coordinates: [closed(selection.ring)] } }
}

/** The selection of an address, what is drawn of it, and the area's name where it is one. */
export function useSelection(search: MapSearch) {
  const { within, ground } = search
  const selection = useMemo<Selection | null>(() => {
    const ring = ringOf(within)
    if (ring) return { ring }
    return ground ? { area: ground } : null
  }, [within, ground])
  const code = selection && 'area' in selection ? selection.area : null
  const { data: area } = useQuery({
    queryKey: ['areas', code],
    queryFn: code ? ({ signal }) => readArea(code, signal) : skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const drawn = useMemo<Feature[]>(() => {
    if (!selection) return []
    if ('area' in selection) return area?.geometry ? [outlined(area.geometry)] : []
    return [outlined({ type: 'Polygon', coordinates: [closed(selection.ring)] })]
  }, [selection, area])
  const bounds = useMemo(() => {
    const shape = code ? area?.geometry : null
    return shape && 'coordinates' in shape ? boundsAround(shape.coordinates) : null
  }, [code, area])
  return { selection, area: code ? area : undefined, bounds, drawn }
}

function outlined(geometry: Feature['geometry']): Feature {
  return { type: 'Feature', geometry, properties: {} }
}
