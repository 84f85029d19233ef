/**
 * The one map component: our tiles, an overlay of rows, a pin to place, and a table instead
 * where the machine cannot draw (no WebGL 2). MapLibre is a chunk of its own.
 */
import type { FeatureCollection } from 'geojson'
import type { Map as MapLibre, Marker } from 'maplibre-gl'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { city } from '../app/city'
import { useLanguage } from '../app/language'
import type { Theme } from '../app/theme'
import { Lost } from '../ui/Lost'
import type { LayerName } from './style'

export type Bounds = [west: number, south: number, east: number, north: number]
export type Place = [lon: number, lat: number]

export interface Picked {
  layer: string
  lon: number
  lat: number
  properties: Record<string, unknown>
}

export interface CityMapProps {
  label: string
  theme?: Theme
  layers?: readonly LayerName[]
  /** Query string of the cases tiles. */
  cases?: string
  /** Raise it when the cases have changed: their tiles are read again. */
  version?: number
  /** Rows to draw above everything; `id` and `phase` are properties of points. Lines and polygons
   * are outlines. */
  rows?: FeatureCollection
  selected?: string | number | null
  /** A pin that can be placed by a click, the keyboard's centre, or dragging. */
  pin?: Place | null
  onPin?: (place: Place) => void
  onPick?: (picked: Picked) => void
  onMove?: (bounds: Bounds, zoom: number) => void
  /** Where to look; moving to another value flies there. */
  view?: Bounds | null
  padding?: { left: number; right: number; top: number; bottom: number }
  controls?: boolean
  /** Whether a basemap of pictures may lie below, which has no dark look; one of shapes always
   * does. */
  pictures?: boolean
  className?: string
  onReady?: (map: MapLibre) => void
  /** Shown in place of the map where WebGL 2 is missing. */
  children?: ReactNode
}

let drawable: boolean | undefined

export function canDraw(): boolean {
  drawable ??= !!document.createElement('canvas').getContext('webgl2')
  return drawable
}

export function CityMap(props: CityMapProps) {
  const { label, className, children } = props
  const box = useRef<HTMLDivElement>(null)
  const map = useRef<MapLibre | null>(null)
  const marker = useRef<Marker | null>(null)
  const latest = useRef(props)
  latest.current = props
  const [ready, setReady] = useState(false)
  const [lost, setLost] = useState(false)
  const spoken = useLanguage()
  const { theme = 'light', layers = [], cases = '', version = 0 } = props
  const layerKey = layers.join()

  useEffect(() => {
    if (lost || !canDraw() || !box.current) return
    let gone = false
    const element = box.current
    const draw = async ({ mount, prepare }: typeof import('./engine')) => {
      await prepare()
      if (gone) return
      const bounds = latest.current.view ?? city().bounds
      const made = mount(element, latest, bounds)
      map.current = made
      made.once('load', () => {
        if (gone) return
        setReady(true)
        latest.current.onReady?.(made)
      })
    }
    import('./engine').then(draw, () => setLost(true))
    return () => {
      gone = true
      map.current?.remove()
      map.current = null
      marker.current = null
      setReady(false)
    }
  }, [lost])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `spoken` writes the labels anew
  useEffect(() => {
    if (!ready || !map.current) return
    const current = map.current
    import('./engine').then(({ restyle }) => {
      if (map.current === current) restyle(current, latest.current)
    })
  }, [ready, theme, layerKey, cases, version, spoken])

  const { rows, selected, pin, view } = props
  useEffect(() => {
    if (!ready || !map.current) return
    const current = map.current
    import('./engine').then(({ showRows }) => {
      if (map.current === current) showRows(current, rows ?? null, selected ?? null)
    })
  }, [ready, rows, selected])

  useEffect(() => {
    if (!ready || !map.current) return
    const current = map.current
    import('./engine').then(({ placePin }) => {
      if (map.current === current) {
        marker.current = placePin(current, marker.current, pin ?? null, latest)
      }
    })
  }, [ready, pin])

  const viewKey = view?.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the four numbers
  useEffect(() => {
    if (ready && view) map.current?.fitBounds(view, { padding: latest.current.padding ?? 24 })
  }, [ready, viewKey])

  const ask = useCallback(async () => {
    const found = await import('./engine').catch(() => null)
    if (found) setLost(false)
    return found !== null
  }, [])

  if (!canDraw()) return <div className={className}>{children}</div>
  if (lost) {
    return (
      <div className={className}>
        <Lost ask={ask} />
      </div>
    )
  }
  // The engine marks it from then on: see rest.ts.
  return <div ref={box} className={className} role="region" aria-label={label} data-map="coming" />
}
