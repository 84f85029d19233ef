/** Things that the city has registered. */
import { api, type Schemas, take } from '../../../api/client'
import { metres } from '../distance'

export type Component = Schemas['ComponentOut']

/** How far around "nearby" reaches, in metres. */
const NEARBY = 100
const METRES_A_DEGREE = 111_320

export function fetchComponent(code: string, signal: AbortSignal): Promise<Component> {
  return take(api.GET('/api/components/{code}', { params: { path: { code } }, signal }))
}

export interface Near {
  component: Component
  metres: number
}

/** Components within a hundred metres, nearest first. */
export async function fetchNear(
  place: { lon: number; lat: number },
  signal: AbortSignal,
): Promise<Near[]> {
  const up = NEARBY / METRES_A_DEGREE
  const side = up / Math.cos((place.lat * Math.PI) / 180)
  const box = [place.lon - side, place.lat - up, place.lon + side, place.lat + up]
  const query = { bbox: box.map((degree) => degree.toFixed(6)).join(','), limit: 200 }
  const page = await take(api.GET('/api/components', { params: { query }, signal }))
  return page.items
    .map((component) => ({ component, metres: metres(place, component) }))
    .filter((near) => near.metres <= NEARBY)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, 20)
}
