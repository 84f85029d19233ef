/**
 * Which tiles of the basemap a piece of ground needs, and how they are kept. Only those that this server gives itself: the
 * terms of map services elsewhere (Tianditu and its like) forbid to keep theirs.
 */
import { addressOf, type Basemap, readBasemap } from '../map/basemap'
import { cornerAmong, parts } from '../map/shift'
import { CHOICE, MOST_BASE_BYTES, MOST_BASE_TILES } from './choice'
import { isFull, keepTiles } from './fetching'
import { type Box, squares } from './tiles'

/** From where a task far off and the duty grids are on one phone to where house numbers are read:
 * coarse ones are few, and stand in for fine ones that are not there. Pictures are asked for one
 * zoom deeper than shapes; nearer than the last, what is kept is drawn enlarged. */
const ZOOMS = { raster: { from: 6, to: 17 }, vector: { from: 6, to: 15 } } as const

export interface Ground {
  tiles: number
  bytes: number
  /** The space set for the map was not enough. */
  cut: boolean
}

/** What is kept of the basemap. Null where there is none, `foreign` where it may not be kept,
 * `full` where this phone has no room for it. */
export type KeptBasemap = Ground | 'foreign' | 'full' | null

/** Fills the cache with the basemap of the boxes and the answer that names it, with nothing else;
 * where there is nothing to keep the cache goes. Throws what the network throws. */
export async function keepBasemap(
  name: string,
  boxes: readonly Box[],
  tell: (done: number, of: number) => void,
  signal: AbortSignal,
): Promise<KeptBasemap> {
  if (typeof caches === 'undefined') return null
  const base = await readBasemap(signal)
  if (!base?.tiles.some(isOurs)) {
    await caches.delete(name)
    return base && 'foreign'
  }
  const wanted = baseTilesOf(base, boxes)
  const cache = await caches.open(name)
  try {
    const bytes = await keepTiles(cache, [CHOICE, ...wanted], tell, signal, MOST_BASE_BYTES)
    const cut = bytes >= MOST_BASE_BYTES || wanted.length >= MOST_BASE_TILES
    return { tiles: wanted.length, bytes, cut }
  } catch (error) {
    if (!isFull(error)) throw error
    // Half a basemap would take the room that what people write needs.
    await caches.delete(name)
    return 'full'
  }
}

export function isOurs(address: string): boolean {
  return address.startsWith('/') && !address.startsWith('//')
}

/** Addresses of all tiles of the boxes, coarse ones first, each once, at most `most`. */
export function baseTilesOf(
  base: Basemap,
  boxes: readonly Box[],
  most = MOST_BASE_TILES,
): string[] {
  const found = new Set<string>()
  for (let zoom = 0; zoom <= ZOOMS.raster.to; zoom++) {
    for (const [index, address] of base.tiles.entries()) {
      const { from, to } = ZOOMS[base.formats[index] ?? 'raster']
      const deepest = Math.min(to, base.maxzoom)
      if (!isOurs(address) || zoom < Math.min(from, deepest) || zoom > deepest) continue
      for (const [x, y] of squares(boxes, zoom)) {
        // A tile of a shifted map is put together of several of theirs.
        for (const part of parts(cornerAmong(base.datum, zoom, x, y), 1)) {
          if (found.size >= most) return [...found]
          const there = addressOf(address, zoom, part.x, part.y)
          if (there) found.add(there)
        }
      }
    }
  }
  return [...found]
}
