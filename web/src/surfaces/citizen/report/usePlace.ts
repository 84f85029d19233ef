/** What the city knows of the spot: areas, address, whether it is ours at all. */
import { pick } from '../../../app/language'
import { type Data, useData } from '../../../ui/useData'
import { type Place, placeAt } from '../answers'
import type { Spot } from '../draft'

/** An address so near is the spot's own; a little farther it is "near"; beyond, it misleads. */
const AT_METRES = 15
const NEAR_METRES = 250

export function usePlace(spot: Spot | null): Data<Place> {
  const key = spot ? `${spot.lon},${spot.lat},${spot.system}` : null
  return useData(key, (signal) =>
    spot ? placeAt(spot, signal) : Promise.reject(new Error('There is no spot.')),
  )
}

/** District, street and community, from large to small; the city itself is known. */
export function areaWords(place: Place): string {
  return place.areas
    .filter((area) => area.level !== 'city')
    .map((area) => pick(area.name_zh, area.name_en))
    .join(' · ')
}

/** An address to start from; `near` says that it is only nearby. */
export function addressAt(place: Place): { text: string; near: boolean } {
  const address = place.nearest_address
  if (address && address.distance_m <= NEAR_METRES) {
    return { text: address.full_text, near: address.distance_m > AT_METRES }
  }
  return { text: place.areas.map((area) => area.name_zh).join(''), near: false }
}

/** Metres between two points; a flat city is exact enough. */
export function metresBetween(
  one: { lon: number; lat: number },
  other: { lon: number; lat: number },
): number {
  const degree = 111_320
  const x = (one.lon - other.lon) * Math.cos((one.lat * Math.PI) / 180)
  return Math.hypot(x, one.lat - other.lat) * degree
}
