/** What is selected: an outline that somebody drew, or an area of the city with its outline. */
import { skipToken, useQuery } from '@tanstack/react-query'
import type { Feature, Geometry, Position } from 'geojson'
import { useMemo } from 'react'
import type { Bounds, Place } from '../../../map/CityMap'
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
  const bounds = useMemo(
    () => (code && area?.geometry ? boundsOf(area.geometry) : null),
    [code, area],
  )
  return { selection, area: code ? area : undefined, bounds, drawn }
}

/** West, south, east, north of the outline of an area. */
export function boundsOf(geometry: Geometry): Bounds {
  const box: Bounds = [180, 90, -180, -90]
  const widen = (part: Position | Position[] | Position[][] | Position[][][]): void => {
    const [lon, lat] = part
    if (typeof lon === 'number' && typeof lat === 'number') {
      box[0] = Math.min(box[0], lon)
      box[1] = Math.min(box[1], lat)
      box[2] = Math.max(box[2], lon)
      box[3] = Math.max(box[3], lat)
    } else for (const each of part) if (typeof each !== 'number') widen(each)
  }
  if (geometry.type !== 'GeometryCollection') widen(geometry.coordinates)
  return box
}

function outlined(geometry: Feature['geometry']): Feature {
  return { type: 'Feature', geometry, properties: {} }
}
