/** Lengths, areas and places as they are written. */
import { locale } from '../../../app/language'
import type { Place } from '../../../map/CityMap'
import { t } from './words'

function written(value: number, digits: number): string {
  return value.toLocaleString(locale(), { maximumFractionDigits: digits })
}

/** 86.4 m, 1.27 km. */
export function metres(value: number): string {
  if (value < 1_000) return `${written(value, 1)} ${t('unit_m')}`
  return `${written(value / 1_000, 3)} ${t('unit_km')}`
}

/** 820 m², 3.41 公顷, 12.5 km². */
export function squareMetres(value: number): string {
  if (value < 10_000) return `${written(value, 0)} ${t('unit_m2')}`
  if (value < 1_000_000) return `${written(value / 10_000, 2)} ${t('unit_ha')}`
  return `${written(value / 1_000_000, 3)} ${t('unit_km2')}`
}

export function lonLat([lon, lat]: Place): string {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)}`
}
