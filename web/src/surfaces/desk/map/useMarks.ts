/** Places and cells that the tools have found, as the map marks them. */
import type { Feature, LineString } from 'geojson'
import { useMemo } from 'react'
import type { Place } from '../../../map/CityMap'
import { useTheme } from '../../../ui/Switches'
import { useDensity } from './Density'
import { useNearest } from './Nearest'
import { type MapSearch, placeOf } from './search'

function mark(place: Place, label: string): Feature {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: place },
    properties: { label },
  }
}

/** The way to a mark. */
function led(way: LineString): Feature {
  return { type: 'Feature', geometry: way, properties: {} }
}

/** `cases` is the query string of the cases that the density counts. */
export function useMarks(search: MapSearch, cases: string) {
  const theme = useTheme()
  const { tool, point: at, kind = '', by, cells, shade = 'n' } = search
  const point = useMemo(() => placeOf(at), [at])
  const { data: found, error } = useNearest(point, kind, by === 'road', tool === 'nearest')
  const density = useDensity({
    cells,
    shade,
    cases,
    theme: tool === 'print' ? 'light' : theme,
    // What was on the map when it is printed is on the paper.
    enabled: tool === 'density' || (tool === 'print' && cells !== undefined),
  })
  const marks = useMemo(
    () => [
      ...(point ? [mark(point, '')] : []),
      ...(tool === 'nearest' && found
        ? [
            ...found.flatMap(({ way }) => (way ? [led(way)] : [])),
            ...found.map((each, index) => mark([each.lon, each.lat], String(index + 1))),
          ]
        : []),
    ],
    [point, tool, found],
  )
  return { nearest: { found, error }, density, marks }
}
