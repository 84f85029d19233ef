/** A person's own drawings on the map: kept in this browser, given out as GeoJSON. */
import type { Feature, FeatureCollection, Geometry } from 'geojson'
import { useCallback, useState } from 'react'
import type { Bounds, Place } from '../../../map/CityMap'

export type NoteKind = 'point' | 'line' | 'polygon' | 'text'

export interface Note {
  id: string
  kind: NoteKind
  text: string
  geometry: Geometry
}

const KEY = 'chengyun.map.notes'
const KINDS = ['point', 'line', 'polygon', 'text'] as const
const GEOMETRIES = ['Point', 'LineString', 'Polygon']

function isNote(value: unknown): value is Note {
  if (typeof value !== 'object' || value === null) return false
  const note: Record<string, unknown> = { ...value }
  const { geometry } = note
  return (
    typeof note.id === 'string' &&
    typeof note.text === 'string' &&
    KINDS.some((kind) => kind === note.kind) &&
    typeof geometry === 'object' &&
    geometry !== null &&
    'coordinates' in geometry &&
    'type' in geometry &&
    GEOMETRIES.includes(String(geometry.type))
  )
}

export function readNotes(text: string | null): Note[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(kept) ? kept.filter(isNote) : []
  } catch {
    return []
  }
}

export function noteFeatures(notes: readonly Note[]): Feature[] {
  return notes.map(({ id, kind, text, geometry }) => ({
    type: 'Feature',
    id,
    geometry,
    properties: { kind, text },
  }))
}

/** Those of which a part may lie in the box. */
export function within(notes: readonly Note[], [west, south, east, north]: Bounds): Note[] {
  return notes.filter(({ geometry }) => {
    const places = placesOf(geometry)
    const lons = places.map(([lon]) => lon)
    const lats = places.map(([, lat]) => lat)
    return (
      Math.min(...lons) <= east &&
      Math.max(...lons) >= west &&
      Math.min(...lats) <= north &&
      Math.max(...lats) >= south
    )
  })
}

function placesOf(geometry: Geometry): Place[] {
  if (geometry.type === 'Point') return [geometry.coordinates as Place]
  if (geometry.type === 'LineString') return geometry.coordinates as Place[]
  return geometry.type === 'Polygon' ? (geometry.coordinates.flat() as Place[]) : []
}

export function asGeoJSON(notes: readonly Note[]): FeatureCollection {
  return { type: 'FeatureCollection', features: noteFeatures(notes) }
}

/** The notes of this person in this browser. */
export function useNotes(person: string) {
  const key = `${KEY}.${person}`
  const [notes, setNotes] = useState(() => {
    try {
      return readNotes(localStorage.getItem(key))
    } catch {
      return []
    }
  })
  const change = useCallback(
    (make: (before: Note[]) => Note[]) =>
      setNotes((before) => {
        const next = make(before)
        try {
          localStorage.setItem(key, JSON.stringify(next))
        } catch {
          // A browser that keeps nothing still shows them until the page is left.
        }
        return next
      }),
    [key],
  )
  return { notes, change }
}

/** Gives a file to the person. */
export function saveBlob(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // Not at once: the browser may not have begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
