import { describe, expect, it } from 'vitest'
import {
  areaOf,
  circle,
  distance,
  lengthOf,
  metresPerPixel,
  moved,
  zoomOf,
} from '../../src/map/geodesy'
import { bd09, cornerAmong, gcj02, parts, placeOf, tileOf } from '../../src/map/shift'
import { barOf, pixelOf, ratioOf, rounded } from '../../src/surfaces/desk/map/paper'

const GCJ = [120.38513223789063, 36.07027463887014] as const
const BD = [120.39159513837392, 36.07636275374484] as const

describe('lengths and areas', () => {
  it('agrees with the geodesics of GeographicLib', () => {
    // Geod(ellps="GRS80").inv of pyproj.
    expect(distance([120.38, 36.07], [120.39, 36.08])).toBeCloseTo(1429.20598, 2)
    expect(distance([120.38, 36.07], [121.2, 36.9])).toBeCloseTo(117821.514104, 2)
    expect(distance([120, 36], [120, 36])).toBe(0)
  })

  it('adds up the parts of a line', () => {
    const line: [number, number][] = [
      [120, 36],
      [120.01, 36],
      [120.01, 36.01],
    ]
    const [a, b, c] = line
    expect(lengthOf(line)).toBeCloseTo(
      distance(a as [number, number], b as [number, number]) +
        distance(b as [number, number], c as [number, number]),
      6,
    )
    expect(lengthOf([])).toBe(0)
  })

  it('agrees with the areas of GeographicLib, whichever way round', () => {
    const ring: [number, number][] = [
      [120.38, 36.07],
      [120.39, 36.07],
      [120.39, 36.08],
      [120.38, 36.08],
    ]
    expect(areaOf(ring) / 999_511.65).toBeCloseTo(1, 4)
    expect(areaOf([...ring].reverse())).toBeCloseTo(areaOf(ring), 6)
    expect(areaOf([...ring, ring[0] as [number, number]])).toBeCloseTo(areaOf(ring), 6)
  })

  it('draws a circle of its radius', () => {
    for (const corner of circle([120.38, 36.07], 800)) {
      expect(distance([120.38, 36.07], corner) / 800).toBeCloseTo(1, 3)
    }
    expect(distance([120, 36], moved([120, 36], 300, 400))).toBeCloseTo(500, 0)
  })

  it('knows the scale of a screen and of paper', () => {
    expect(metresPerPixel(0, 0)).toBeCloseTo(78271.5, 0)
    expect(zoomOf(36, metresPerPixel(36, 13.4))).toBeCloseTo(13.4, 9)
    expect(ratioOf(pixelOf(5_000))).toBeCloseTo(5_000, 6)
    expect(rounded(48_612)).toBe(48_600)
    expect(barOf(12.3, 160)).toEqual({ metres: 1_000, pixels: 1_000 / 12.3 })
  })
})

describe('shifted basemaps', () => {
  it('shifts as the server does', () => {
    // chengyun.city.coordinates.from_cgcs2000
    expect(gcj02([120.38, 36.07])[0]).toBeCloseTo(GCJ[0], 9)
    expect(gcj02([120.38, 36.07])[1]).toBeCloseTo(GCJ[1], 9)
    expect(bd09([120.38, 36.07])[0]).toBeCloseTo(BD[0], 9)
    expect(bd09([120.38, 36.07])[1]).toBeCloseTo(BD[1], 9)
    expect(gcj02([2.35, 48.85])).toEqual([2.35, 48.85])
  })

  it('finds where our tile lies among theirs, to half a pixel at its corners', () => {
    const [z, x, y] = [16, ...tileOf([120.38, 36.07], 16).map(Math.floor)] as [
      number,
      number,
      number,
    ]
    const [west, north] = cornerAmong('gcj02', z, x, y)
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const [tx, ty] = tileOf(gcj02(placeOf(x + dx, y + dy, z)), z)
      expect(Math.abs(tx - west - dx) * 256).toBeLessThan(0.5)
      expect(Math.abs(ty - north - dy) * 256).toBeLessThan(0.5)
    }
    expect(cornerAmong('wgs84', z, x, y)).toEqual([x, y])
  })

  it('composes a tile of the parts that cover it', () => {
    const found = parts([10.25, 20.5], 256)
    expect(found).toHaveLength(4)
    expect(found[0]).toEqual({ x: 10, y: 20, left: -64, top: -128 })
    expect(parts([10, 20], 256)).toEqual([{ x: 10, y: 20, left: 0, top: 0 }])
  })
})
