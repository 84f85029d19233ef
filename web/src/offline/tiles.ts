/** Which tiles a piece of ground needs. */

export type Box = readonly [west: number, south: number, east: number, north: number]

export interface TileRange {
  layer: string
  from: number
  to: number
}

export const MOST_TILES = 1_500
export const MOST_BYTES = 40_000_000

function column(lon: number, zoom: number): number {
  return Math.floor(((lon + 180) / 360) * 2 ** zoom)
}

function row(lat: number, zoom: number): number {
  const angle = (lat * Math.PI) / 180
  return Math.floor(((1 - Math.asinh(Math.tan(angle)) / Math.PI) / 2) * 2 ** zoom)
}

/** The columns and rows of the tiles that the boxes touch. */
export function* squares(boxes: readonly Box[], zoom: number): Generator<[x: number, y: number]> {
  for (const [west, south, east, north] of boxes) {
    for (let x = column(west, zoom); x <= column(east, zoom); x++) {
      for (let y = row(north, zoom); y <= row(south, zoom); y++) yield [x, y]
    }
  }
}

/** Addresses of all tiles of the boxes, coarse ones first, each once, at most `most`. */
export function tilesOf(
  boxes: readonly Box[],
  layers: readonly TileRange[],
  most = MOST_TILES,
): string[] {
  const found = new Set<string>()
  for (let zoom = 6; zoom <= 16; zoom++) {
    for (const { layer, from, to } of layers) {
      if (zoom < from || zoom > to) continue
      for (const [x, y] of squares(boxes, zoom)) {
        if (found.size >= most) return [...found]
        found.add(`/tiles/${layer}/${zoom}/${x}/${y}.mvt`)
      }
    }
  }
  return [...found]
}

/** Some two hundred metres around a place. */
export function around(lon: number, lat: number): Box {
  return [lon - 0.002, lat - 0.002, lon + 0.002, lat + 0.002]
}
