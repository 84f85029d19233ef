import { t } from './words'

/** Metres in words: 80 m, 1.2 km. */
export function far(metres: number): string {
  if (metres < 1000) return t('metres', { n: Math.max(10, Math.round(metres / 10) * 10) })
  return t('kilometres', { n: (metres / 1000).toFixed(metres < 10_000 ? 1 : 0) })
}
