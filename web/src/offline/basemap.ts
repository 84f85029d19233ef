/**
 * Which tiles of the basemap a piece of ground needs. Only those that this server gives itself: the
 * terms of map services elsewhere (Tianditu and its like) forbid to keep theirs.
 */
import { addressOf, type Basemap } from '../map/basemap'
import { cornerAmong, parts } from '../map/shift'
import { MOST_BASE_TILES } from './choice'
import { type Box, squares } from './tiles'

/** From where a task far off and the duty grids are on one phone to where house numbers are read:
 * coarse ones are few, and stand in for fine ones that are not there. Pictures are asked for one
 * zoom deeper than shapes; nearer than the last, what is kept is drawn enlarged. */
const ZOOMS = { raster: { from: 6, to: 17 }, vector: { from: 6, to: 15 } } as const

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
