/** The picture under everything, as the installation has chosen it (`GET /api/basemap`). */
import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import { send } from '../api/client'
import type { Theme } from '../app/theme'
import type { VectorLayer } from './ground'
import { type Datum, isShifted } from './shift'
import { vectorBase } from './vectorbase'

export interface Basemap {
  kind: 'xyz' | 'tianditu' | 'pmtiles'
  /** Addresses of tiles with {z}, {x}, {y}; each is drawn above the one before. */
  tiles: string[]
  /** Whether each of them is pictures or shapes. */
  formats: ('raster' | 'vector')[]
  /** What the shapes are in, as their file says; empty where it is not known. */
  vectorLayers: VectorLayer[]
  datum: Datum
  attribution: string
  maxzoom: number
}

const KINDS = ['xyz', 'tianditu', 'pmtiles'] as const
const DATUMS = ['cgcs2000', 'wgs84', 'gcj02', 'bd09'] as const
/** Where nothing tells the layers of vector tiles: those of the schemas in use. */
const USUAL = `earth land landcover landuse natural park water ocean water_polygons waterway building
  buildings boundary boundaries roads streets transportation transit water_name transportation_name
  street_labels water_polygons_labels poi pois place places place_labels housenumber addresses`

const texts = (given: unknown): string[] =>
  Array.isArray(given) ? given.filter((each): each is string => typeof each === 'string') : []

function vectorLayersOf(given: unknown): VectorLayer[] {
  const listed: unknown[] = Array.isArray(given) ? given : []
  return listed.flatMap((each) => {
    const said: Record<string, unknown> = typeof each === 'object' && each ? { ...each } : {}
    return typeof said.id === 'string' ? [{ id: said.id, fields: texts(said.fields) }] : []
  })
}

/** Null where there is none but our own layers. */
export function basemapOf(given: unknown): Basemap | null {
  if (typeof given !== 'object' || given === null) return null
  const known: Record<string, unknown> = { ...given }
  const kind = KINDS.find((each) => each === known.kind)
  const tiles = texts(known.tiles)
  if (!kind || tiles.length === 0) return null
  const formats = texts(known.formats)
  return {
    kind,
    tiles,
    formats: tiles.map((_, index) => (formats[index] === 'vector' ? 'vector' : 'raster')),
    vectorLayers: vectorLayersOf(known.vector_layers),
    datum: DATUMS.find((each) => each === known.datum) ?? 'cgcs2000',
    attribution: typeof known.attribution === 'string' ? known.attribution : '',
    maxzoom: typeof known.maxzoom === 'number' ? known.maxzoom : 18,
  }
}

export async function readBasemap(signal?: AbortSignal): Promise<Basemap | null> {
  return basemapOf(await (await send('/api/basemap', { signal })).json())
}

/** How long a map waits to be told of its basemap: without it there are still our own layers. */
const PATIENCE_MS = 4_000
let chosen: Promise<Basemap | null> | undefined

/** The basemap of all maps of this page; none while nobody tells, and then asked again. */
export function chosenBasemap(): Promise<Basemap | null> {
  chosen ??= readBasemap(AbortSignal.timeout(PATIENCE_MS)).catch(() => {
    chosen = undefined
    return null
  })
  return chosen
}

/** Pictures have no dark look of their own: at night they are turned down, not left to glare. */
const DIMMED = { 'raster-brightness-max': 0.4, 'raster-saturation': -0.4 }

/** What begins with this is composed by `shifted.ts`. */
export const SHIFTED = 'shifted'

/** The address of one tile; null north or south of the world. Columns go round it. */
export function addressOf(address: string, z: number, x: number, y: number): string | null {
  const round = 2 ** z
  if (y < 0 || y >= round) return null
  return address
    .replace('{z}', String(z))
    .replace('{x}', String((x + round) % round))
    .replace('{y}', String(y))
}

function whole(address: string): string {
  return address.startsWith('/') ? location.origin + address : address
}

export function basemapParts(
  base: Basemap | null,
  theme: Theme,
): {
  sources: Record<string, SourceSpecification>
  layers: LayerSpecification[]
} {
  if (!base) return { sources: {}, layers: [] }
  const { datum, formats, maxzoom, vectorLayers } = base
  const sources: Record<string, SourceSpecification> = {}
  const layers: LayerSpecification[] = []
  for (const [index, address] of base.tiles.entries()) {
    const id = `base_${index}`
    const attribution = index === 0 ? base.attribution : ''
    if (formats[index] === 'vector') {
      sources[id] = { type: 'vector', tiles: [whole(address)], maxzoom, attribution }
      const usual = USUAL.split(/\s+/).map((name) => ({ id: name, fields: [] }))
      layers.push(...vectorBase(id, vectorLayers.length ? vectorLayers : usual, theme))
      continue
    }
    const tiles = isShifted(datum)
      ? `${SHIFTED}://${datum}/{z}/{x}/{y}?${encodeURIComponent(whole(address))}`
      : whole(address)
    sources[id] = { type: 'raster', tiles: [tiles], tileSize: 256, maxzoom, attribution }
    const paint = { 'raster-fade-duration': 0, ...(theme === 'dark' ? DIMMED : {}) }
    layers.push({ id, type: 'raster', source: id, paint })
  }
  return { sources, layers }
}
