/** How far things are, in numbers and in words. */
import { t } from './words'

/** Metres in words: 80 m, 1.2 km. */
export function far(metres: number): string {
  if (metres < 1000) return t('metres', { n: Math.max(10, Math.round(metres / 10) * 10) })
  return t('kilometres', { n: (metres / 1000).toFixed(metres < 10_000 ? 1 : 0) })
}

const METRES_A_DEGREE = 111_320

/** Metres between two places, on the ball; good to a per cent at the size of a city. */
export function metres(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const middle = ((a.lat + b.lat) / 2) * (Math.PI / 180)
  const x = (a.lon - b.lon) * Math.cos(middle)
  return Math.hypot(x, a.lat - b.lat) * METRES_A_DEGREE
}
