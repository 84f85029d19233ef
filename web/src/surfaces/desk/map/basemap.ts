/** The picture under everything, as the installation has chosen it (`GET /api/basemap`). */
import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import { send } from '../../../api/client'
import { type Datum, isShifted } from '../../../map/shift'

export interface Basemap {
  kind: 'xyz' | 'tianditu' | 'pmtiles'
  /** Addresses of tiles with {z}, {x}, {y}; each is drawn above the one before. */
  tiles: string[]
  datum: Datum
  attribution: string
  maxzoom: number
}

const KINDS = ['xyz', 'tianditu', 'pmtiles'] as const
const DATUMS = ['cgcs2000', 'wgs84', 'gcj02', 'bd09'] as const

/** Null where there is none but our own layers. */
export function basemapOf(given: unknown): Basemap | null {
  if (typeof given !== 'object' || given === null) return null
  const known: Record<string, unknown> = { ...given }
  const kind = KINDS.find((each) => each === known.kind)
  const tiles = Array.isArray(known.tiles)
    ? known.tiles.filter((each): each is string => typeof each === 'string')
    : []
  if (!kind || tiles.length === 0) return null
  return {
    kind,
    tiles,
    datum: DATUMS.find((each) => each === known.datum) ?? 'cgcs2000',
    attribution: typeof known.attribution === 'string' ? known.attribution : '',
    maxzoom: typeof known.maxzoom === 'number' ? known.maxzoom : 18,
  }
}

export async function readBasemap(signal?: AbortSignal): Promise<Basemap | null> {
  return basemapOf(await (await send('/api/basemap', { signal })).json())
}

/** What begins with this is composed by `shifted.ts`. */
export const SHIFTED = 'shifted'

function whole(address: string): string {
  return address.startsWith('/') ? location.origin + address : address
}

export function basemapParts(base: Basemap | null): {
  sources: Record<string, SourceSpecification>
  layers: LayerSpecification[]
} {
  if (!base) return { sources: {}, layers: [] }
  const sources: Record<string, SourceSpecification> = {}
  const layers: LayerSpecification[] = []
  for (const [index, address] of base.tiles.entries()) {
    const id = `base_${index}`
    const tiles = isShifted(base.datum)
      ? `${SHIFTED}://${base.datum}/{z}/{x}/{y}?${encodeURIComponent(whole(address))}`
      : whole(address)
    sources[id] = {
      type: 'raster',
      tiles: [tiles],
      tileSize: 256,
      maxzoom: base.maxzoom,
      attribution: index === 0 ? base.attribution : '',
    }
    layers.push({ id, type: 'raster', source: id, paint: { 'raster-fade-duration': 0 } })
  }
  return { sources, layers }
}
