/**
 * The one map component: our tiles, an overlay of rows, a pin to place, and a table instead
 * where the machine cannot draw (no WebGL 2). MapLibre is a chunk of its own.
 */
import type { FeatureCollection } from 'geojson'
import type { Map as MapLibre, Marker } from 'maplibre-gl'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { city } from '../app/city'
import { useLanguage, withWords } from '../app/language'
import type { Theme } from '../app/theme'
import { Lost } from '../ui/Lost'
import type { View } from './blank'
import type { Bounds } from './bounds'
import type { LayerName } from './style'

export type { Bounds }
export type Place = [lon: number, lat: number]

export interface Picked {
  layer: string
  lon: number
  lat: number
  properties: Record<string, unknown>
}

export interface CityMapProps {
  /** What the map is called by who does not see it. */
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

type Engine = typeof import('./engine')

function readEngine(): Promise<Engine> {
  return withWords(import('./engine'))
}

/** Another language writes everything on it anew: the map is made again where it stood. */
export function CityMap(props: CityMapProps) {
  const stood = useRef<View | null>(null)
  return <Spoken key={useLanguage()} stood={stood} {...props} />
}

function Spoken(props: CityMapProps & { stood: { current: View | null } }) {
  const { className, children, stood } = props
  const box = useRef<HTMLDivElement>(null)
  const marker = useRef<Marker | null>(null)
  const latest = useRef(props)
  latest.current = props
  const [drawn, setDrawn] = useState<{ map: MapLibre; engine: Engine } | null>(null)
  const [lost, setLost] = useState(false)
  const { theme = 'light', layers = [], cases = '', version = 0 } = props
  const layerKey = layers.join()

  useEffect(() => {
    if (lost || !canDraw() || !box.current) return
    let gone = false
    let made: { map: MapLibre; engine: Engine } | undefined
    const element = box.current
    const draw = async (engine: Engine) => {
      await engine.prepare()
      if (gone) return
      const at = stood.current ?? latest.current.view ?? city().bounds
      const map = engine.mount(element, latest, at ?? undefined)
      const drawn = { map, engine }
      made = drawn
      map.once('load', () => {
        if (gone) return
        setDrawn(drawn)
        latest.current.onReady?.(map)
      })
    }
    readEngine().then(draw, () => setLost(true))
    return () => {
      gone = true
      if (made) stood.current = made.engine.viewOf(made.map)
      made?.map.remove()
      marker.current = null
      setDrawn(null)
    }
  }, [lost, stood])

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is read from `latest`
  useEffect(() => {
    drawn?.engine.restyle(drawn.map, latest.current)
  }, [drawn, theme, layerKey, cases, version])

  const { rows, selected, pin, view } = props
  useEffect(() => {
    drawn?.engine.showRows(drawn.map, rows ?? null, selected ?? null)
  }, [drawn, rows, selected])

  useEffect(() => {
    if (!drawn) return
    marker.current = drawn.engine.placePin(drawn.map, marker.current, pin ?? null, latest)
  }, [drawn, pin])

  const viewKey = view?.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the four numbers
  useEffect(() => {
    if (view) drawn?.map.fitBounds(view, { padding: latest.current.padding ?? 24 })
  }, [drawn, viewKey])

  const ask = useCallback(async () => {
    const found = await readEngine().catch(() => null)
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
  return <div ref={box} className={className} data-map="coming" />
}
