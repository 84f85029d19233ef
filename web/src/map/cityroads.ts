/** The city's own roads, for maps without a basemap: layers that are declared to be roads
 * (docs/city/layers.md), as far as whoever looks may see them. */
import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import { api, type Schemas, take } from '../api/client'
import type { Theme } from '../app/theme'
import type { VectorLayer } from './ground'
import { roadsAlone } from './vectorbase'

export interface CityRoads extends VectorLayer {
  minzoom: number
  maxzoom: number
}

/** From farther off they would be a grey mist. */
const FROM = 11
/** The server's last zoom; nearer, its tiles are drawn enlarged. */
const DEEPEST = 16

type Listed = Pick<
  Schemas['LayerOut'],
  'code' | 'shape' | 'roads' | 'style' | 'fields' | 'minzoom' | 'maxzoom'
>

export function roadsAmong(layers: readonly Listed[]): CityRoads[] {
  return layers
    .filter(({ roads, shape, maxzoom }) => roads && shape === 'line' && maxzoom > FROM)
    .map(({ code, fields, style, minzoom, maxzoom }) => ({
      id: code,
      fields: fields.flatMap(({ name }) => (name ? [name] : [])),
      label: typeof style?.label === 'string' ? style.label : null,
      minzoom: Math.max(FROM, minzoom),
      maxzoom: Math.min(DEEPEST, maxzoom),
    }))
}

/** As long as a map waits to be told of its basemap: names of areas are there without them too. */
const PATIENCE_MS = 4_000
let known: Promise<CityRoads[]> | undefined

/** Those of all maps of this page; none while nobody tells, and then asked again. */
export function cityRoads(): Promise<CityRoads[]> {
  known ??= take(api.GET('/api/layers', { signal: AbortSignal.timeout(PATIENCE_MS) })).then(
    ({ items }) => roadsAmong(items),
    () => {
      known = undefined
      return []
    },
  )
  return known
}

interface RoadParts {
  sources: Record<string, SourceSpecification>
  lines: LayerSpecification[]
  names: LayerSpecification[]
}

/** Lines go under the borders of areas, names over everything that lies on the ground. */
export function roadParts(roads: readonly CityRoads[], theme: Theme): RoadParts {
  const parts: RoadParts = { sources: {}, lines: [], names: [] }
  for (const each of roads) {
    const id = `roads_${each.id}`
    const tiles = [`${location.origin}/tiles/${encodeURIComponent(each.id)}/{z}/{x}/{y}.mvt`]
    parts.sources[id] = { type: 'vector', tiles, minzoom: each.minzoom, maxzoom: each.maxzoom }
    const { lines, names } = roadsAlone(id, each, theme)
    parts.lines.push(...lines)
    parts.names.push(...names)
  }
  return parts
}
