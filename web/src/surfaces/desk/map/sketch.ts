/** What is being drawn on the map, by mouse, finger or keyboard: its corners, then it is done. */
import type { Feature, Geometry } from 'geojson'
import type { Place } from '../../../map/CityMap'
import { circle, distance } from '../../../map/geodesy'
import { crosses } from './crossing'

export const FORMS = ['point', 'line', 'polygon', 'rectangle', 'circle'] as const
export type Form = (typeof FORMS)[number]

export interface Sketch {
  form: Form
  places: Place[]
  done: boolean
}

export function begun(form: Form): Sketch {
  return { form, places: [], done: false }
}

/** A point is done with one place, a rectangle and a circle with two. */
const ENOUGH: Partial<Record<Form, number>> = { point: 1, rectangle: 2, circle: 2 }
const LEAST: Record<Form, number> = { point: 1, line: 2, polygon: 3, rectangle: 2, circle: 2 }
/** Corners of one shape; the server takes outlines of a thousand. */
export const MOST = 200

function same(a: Place | undefined, b: Place): boolean {
  return !!a && Math.abs(a[0] - b[0]) < 1e-7 && Math.abs(a[1] - b[1]) < 1e-7
}

/** With another place; after what is done a new one begins. */
export function added(sketch: Sketch, place: Place): Sketch {
  const places = sketch.done ? [] : sketch.places
  // The two clicks of a double click are one place.
  if (same(places.at(-1), place) || places.length >= MOST) return { ...sketch, places, done: false }
  const next = [...places, place]
  return { ...sketch, places: next, done: next.length === ENOUGH[sketch.form] }
}

export function without(sketch: Sketch, index: number): Sketch {
  const places = sketch.places.filter((_, at) => at !== index)
  return { ...sketch, places, done: sketch.done && places.length >= LEAST[sketch.form] }
}

/** Whether no further place is taken. */
export function isFull({ done, places }: Sketch): boolean {
  return !done && places.length >= MOST
}

/** Whether it is an outline without an inside. */
export function isCrossed({ form, places }: Sketch): boolean {
  return form === 'polygon' && places.length >= LEAST.polygon && crosses(places)
}

export function canFinish(sketch: Sketch): boolean {
  const { form, places, done } = sketch
  return !done && places.length >= LEAST[form] && !isCrossed(sketch)
}

export function finished(sketch: Sketch): Sketch {
  return canFinish(sketch) ? { ...sketch, done: true } : sketch
}

/** The corners of the outline, not closed; null where it has none yet. */
export function outlineOf({ form, places }: Sketch): Place[] | null {
  const [first, second] = places
  if (form === 'polygon') return places.length >= 3 ? [...places] : null
  if (!first || !second) return null
  if (form === 'rectangle') {
    return [first, [second[0], first[1]], second, [first[0], second[1]]]
  }
  return form === 'circle' ? circle(first, distance(first, second)) : null
}

export function closed(ring: readonly Place[]): Place[] {
  const [first] = ring
  return first ? [...ring, first] : []
}

/** What is drawn so far. */
export function geometryOf(sketch: Sketch): Geometry | null {
  const [first] = sketch.places
  if (!first) return null
  if (sketch.form === 'point') return { type: 'Point', coordinates: first }
  const ring = outlineOf(sketch)
  if (ring) return { type: 'Polygon', coordinates: [closed(ring)] }
  if (sketch.places.length < 2) return { type: 'Point', coordinates: first }
  return { type: 'LineString', coordinates: sketch.places }
}

/** The shape with its corners, to be drawn. */
export function featuresOf(sketch: Sketch): Feature[] {
  const geometry = geometryOf(sketch)
  if (!geometry) return []
  const feature = (geometry: Geometry, corner: boolean): Feature => ({
    type: 'Feature',
    geometry,
    properties: { corner },
  })
  return [
    feature(geometry, false),
    ...sketch.places.map((place) => feature({ type: 'Point', coordinates: place }, true)),
  ]
}

/** A place as people write it: `120.38, 36.07`, with Chinese commas or blanks too. */
export function placeIn(text: string): Place | null {
  const numbers = text
    .trim()
    .split(/[\s,，;；]+/)
    .map((part) => (/^[-+]?\d+(\.\d*)?$/.test(part) ? Number(part) : Number.NaN))
  const [lon = Number.NaN, lat = Number.NaN] = numbers
  return numbers.length === 2 && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null
}
