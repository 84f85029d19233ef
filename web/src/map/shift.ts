/**
 * Basemaps that were drawn in the shifted systems of Chinese web maps (GCJ-02, BD-09), put back
 * where things are: a tile of ours is composed of the parts of up to four of theirs.
 */
import type { Place } from './CityMap'

export type Datum = 'cgcs2000' | 'wgs84' | 'gcj02' | 'bd09'

// Krasovsky 1940, on which the shift of GCJ-02 is defined.
const SEMI_MAJOR = 6378245
const E2 = 0.006693421622965943
const PI = Math.PI
const RAD = PI / 180
const BD = (PI * 3000) / 180

/** Where GCJ-02 shows a place of CGCS2000. Outside its makers' box nothing is shifted. */
export function gcj02([lon, lat]: Place): Place {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat]
  const [x, y] = [lon - 105, lat - 35]
  const { sin, sqrt, abs } = Math
  const root = sqrt(abs(x))
  const waves = (20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * (2 / 3)
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    waves +
    (20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * (2 / 3) +
    (160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * (2 / 3)
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    waves +
    (20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * (2 / 3) +
    (150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * (2 / 3)
  const flattening = 1 - E2 * sin(lat * RAD) ** 2
  const meridian = (SEMI_MAJOR * (1 - E2)) / (flattening * sqrt(flattening))
  const parallel = (SEMI_MAJOR / sqrt(flattening)) * Math.cos(lat * RAD)
  return [lon + east / parallel / RAD, lat + north / meridian / RAD]
}

/** Where BD-09 shows a place of CGCS2000. */
export function bd09(place: Place): Place {
  const [x, y] = gcj02(place)
  const radius = Math.hypot(x, y) + 0.00002 * Math.sin(y * BD)
  const angle = Math.atan2(y, x) + 0.000003 * Math.cos(x * BD)
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006]
}

export function isShifted(datum: Datum): boolean {
  return datum === 'gcj02' || datum === 'bd09'
}

/** A place in tiles of a zoom, from the north-west. */
export function tileOf([lon, lat]: Place, z: number): [x: number, y: number] {
  const size = 2 ** z
  const turned = Math.asinh(Math.tan(lat * RAD))
  return [((lon + 180) / 360) * size, ((1 - turned / PI) / 2) * size]
}

export function placeOf(x: number, y: number, z: number): Place {
  const size = 2 ** z
  return [(x / size) * 360 - 180, Math.atan(Math.sinh(PI * (1 - (2 * y) / size))) / RAD]
}

/**
 * Where the north-west corner of our tile lies among the tiles of a shifted map. The shift is
 * that of the tile's centre: within a tile it differs by less than a pixel.
 */
export function cornerAmong(datum: Datum, z: number, x: number, y: number): [number, number] {
  if (!isShifted(datum)) return [x, y]
  const centre = placeOf(x + 0.5, y + 0.5, z)
  const [cx, cy] = tileOf(datum === 'gcj02' ? gcj02(centre) : bd09(centre), z)
  return [cx - 0.5, cy - 0.5]
}

/** The tiles to compose, and where each begins in pixels of ours. */
export function parts(corner: [number, number], size: number) {
  const [west, north] = corner
  const found: { x: number; y: number; left: number; top: number }[] = []
  for (let x = Math.floor(west); x < west + 1; x += 1) {
    for (let y = Math.floor(north); y < north + 1; y += 1) {
      found.push({ x, y, left: (x - west) * size, top: (y - north) * size })
    }
  }
  return found
}
