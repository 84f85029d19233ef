/** What the map asks the server, by place and by outline. */
import type { Geometry, LineString } from 'geojson'
import { api, type Schemas, send, take } from '../../../api/client'
import type { Bounds, Place } from '../../../map/CityMap'

export type PlaceFacts = Schemas['PlaceOut']

async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await send(path, { signal })).json()) as T
}

export function readPlace([lon, lat]: Place, signal?: AbortSignal): Promise<PlaceFacts> {
  return ask(`/api/places?lon=${lon}&lat=${lat}`, signal)
}

/** What there is at many places, by one question; the answers are in their order. */
export async function readPlaces(
  points: Place[],
  signal?: AbortSignal,
): Promise<readonly PlaceFacts[]> {
  const body = { points, system: 'cgcs2000' as const }
  return (await take(api.POST('/api/places/batch', { body, signal }))).items
}

export type Area = Omit<Schemas['AreaDetail'], 'geometry'> & { geometry: Geometry | null }

export function readArea(code: string, signal?: AbortSignal): Promise<Area> {
  return ask(`/api/areas/${encodeURIComponent(code)}`, signal)
}

export interface Found {
  kind: string
  title_zh: string
  title_en: string
  detail_zh: string
  detail_en: string
  code: string
  lon: number | null
  lat: number | null
  bounds?: Bounds | null
  /** The page of the thing; empty where it has none. */
  href: string
}

export async function find(q: string, near: Place | null, signal: AbortSignal): Promise<Found[]> {
  const query = new URLSearchParams({ q, limit: '10' })
  if (near) query.set('near', near.map((each) => each.toFixed(5)).join())
  return (await ask<{ items: Found[] }>(`/api/find?${query}`, signal)).items
}

export interface Near {
  code: string
  class_code: string
  class_zh: string
  class_en: string
  name: string
  state: string
  metres: number
  lon: number
  lat: number
  /** By road the way there. */
  way: LineString | null
}

export async function nearest(
  [lon, lat]: Place,
  kind: string,
  byRoad: boolean,
  signal?: AbortSignal,
): Promise<Near[]> {
  const query = new URLSearchParams({ lon: String(lon), lat: String(lat), k: '5' })
  if (kind) query.set('class', kind)
  if (byRoad) query.set('by', 'road')
  return (await ask<{ items: Near[] }>(`/api/nearest?${query}`, signal)).items
}
