/** The box round what has coordinates. */
export type Bounds = [west: number, south: number, east: number, north: number]

/** West, south, east, north of a GeoJSON coordinates array, however deep; null of none. */
export function boundsAround(coordinates: unknown): Bounds | null {
  const box: Bounds = [180, 90, -180, -90]
  extend(box, coordinates)
  return box[0] > box[2] ? null : box
}

function extend(box: Bounds, coordinates: unknown): void {
  if (!Array.isArray(coordinates)) return
  const [lon, lat] = coordinates
  if (typeof lon === 'number' && typeof lat === 'number') {
    box[0] = Math.min(box[0], lon)
    box[1] = Math.min(box[1], lat)
    box[2] = Math.max(box[2], lon)
    box[3] = Math.max(box[3], lat)
    return
  }
  for (const each of coordinates) extend(box, each)
}
