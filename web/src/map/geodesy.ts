/**
 * Lengths and areas on the ellipsoid of CGCS2000. Positions are degrees, longitude first; lengths
 * are metres, areas square metres.
 */
import type { Place } from './CityMap'

const A = 6_378_137
const F = 1 / 298.257222101
const B = A * (1 - F)
const E2 = F * (2 - F)
const RAD = Math.PI / 180

/** The length of the geodesic between two places, to a millimetre (Vincenty). */
export function distance([lon1, lat1]: Place, [lon2, lat2]: Place): number {
  const across = (lon2 - lon1) * RAD
  const [u1, u2] = [
    Math.atan((1 - F) * Math.tan(lat1 * RAD)),
    Math.atan((1 - F) * Math.tan(lat2 * RAD)),
  ]
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)]
  let lambda = across
  for (let turn = 0; turn < 100; turn += 1) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)]
    const sinS = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL)
    if (sinS === 0) return 0
    const cosS = sin1 * sin2 + cos1 * cos2 * cosL
    const sigma = Math.atan2(sinS, cosS)
    const sinA = (cos1 * cos2 * sinL) / sinS
    const cos2A = 1 - sinA ** 2
    const cos2M = cos2A === 0 ? 0 : cosS - (2 * sin1 * sin2) / cos2A
    const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A))
    const before = lambda
    lambda =
      across + (1 - c) * F * sinA * (sigma + c * sinS * (cos2M + c * cosS * (2 * cos2M ** 2 - 1)))
    if (Math.abs(lambda - before) > 1e-12) continue
    const u = (cos2A * (A ** 2 - B ** 2)) / B ** 2
    const big = 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u)))
    const small = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)))
    const rest =
      small *
      sinS *
      (cos2M +
        (small / 4) *
          (cosS * (2 * cos2M ** 2 - 1) -
            (small / 6) * cos2M * (4 * sinS ** 2 - 3) * (4 * cos2M ** 2 - 3)))
    return B * big * (sigma - rest)
  }
  // Nearly opposite points of the earth; no city has them.
  return Math.PI * B
}

/** The length of a line. */
export function lengthOf(line: readonly Place[]): number {
  let whole = 0
  for (const [index, place] of line.entries()) {
    const before = line[index - 1]
    if (before) whole += distance(before, place)
  }
  return whole
}

/** q(φ) of the authalic latitude: equal steps of it are equal areas on the ellipsoid. */
function q(lat: number): number {
  const e = Math.sqrt(E2)
  const sin = Math.sin(lat * RAD)
  return (1 - E2) * (sin / (1 - E2 * sin ** 2) + Math.atanh(e * sin) / e)
}

/** The area inside a ring, open or closed, by equal-area projection of its corners. */
export function areaOf(ring: readonly Place[]): number {
  let twice = 0
  for (const [index, [lon, lat]] of ring.entries()) {
    const [lonNext, latNext] = ring[(index + 1) % ring.length] ?? [lon, lat]
    twice += (lonNext - lon) * RAD * (q(lat) + q(latNext))
  }
  return Math.abs((twice * A ** 2) / 4)
}

/** A place so many metres off, to east and north. Good to a thousandth within a city. */
export function moved([lon, lat]: Place, east: number, north: number): Place {
  const sin2 = Math.sin(lat * RAD) ** 2
  const across = A / Math.sqrt(1 - E2 * sin2)
  const along = (A * (1 - E2)) / (1 - E2 * sin2) ** 1.5
  return [lon + east / (across * Math.cos(lat * RAD)) / RAD, lat + north / along / RAD]
}

/** A circle as a ring of `corners`, not closed. */
export function circle(centre: Place, radius: number, corners = 64): Place[] {
  return Array.from({ length: corners }, (_, index) => {
    const turn = (index / corners) * 2 * Math.PI
    return moved(centre, radius * Math.sin(turn), radius * Math.cos(turn))
  })
}

/** Metres on the ground for one CSS pixel of a map of 512-pixel tiles. */
export function metresPerPixel(lat: number, zoom: number): number {
  return (Math.cos(lat * RAD) * 2 * Math.PI * A) / 512 / 2 ** zoom
}

/** The zoom at which one pixel is so many metres. */
export function zoomOf(lat: number, metres: number): number {
  return Math.log2((Math.cos(lat * RAD) * 2 * Math.PI * A) / 512 / metres)
}
