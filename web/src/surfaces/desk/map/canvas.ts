/** MapLibre behind the one map's page: shows a scene, tells what was done with it. */
import type { Feature } from 'geojson'
import type { StyleSpecification } from 'maplibre-gl'
import { blankMap, boundsOf, type View, viewOf } from '../../../map/blank'
import type { Bounds, Place } from '../../../map/CityMap'
import {
  AttributionControl,
  type GeoJSONSource,
  type Map as MapLibre,
  NavigationControl,
  ScaleControl,
  type VectorTileSource,
} from '../../../map/maplibre'
import { pressed } from '../shortcuts'

export interface Seen {
  view: View
  bounds: Bounds
}

/** What the page does with what happens on the map. */
export interface Hands {
  click?: (place: Place) => void
  /** A double click or double tap; the map does not zoom by it while this is here. */
  double?: () => void
  hover?: (place: Place) => void
  undo?: () => void
  move?: (seen: Seen) => void
  idle?: () => void
}

export interface Hit {
  /** The layer of the style. */
  layer: string
  properties: Record<string, unknown>
}

export interface CanvasWish {
  style: StyleSpecification
  at: View | Bounds
  hands: { current: Hands }
  label: string
  /** For paper: no controls, drawn finely, and its picture can be taken. */
  paper?: boolean
  /** For a map that lies over another one, which has them. */
  bare?: boolean
}

/** Width of a tool's panel and a little more. */
const PANEL = 372

export class Canvas {
  readonly map: MapLibre
  private loaded = false
  private next: StyleSpecification | null = null
  private readonly stir: () => void

  constructor(
    private readonly element: HTMLElement,
    { style, at, hands, label, paper = false, bare = false }: CanvasWish,
  ) {
    const { map, stir } = blankMap(element, {
      style,
      at,
      padding: 32,
      maxZoom: 20,
      label,
      more: paper
        ? {
            interactive: false,
            pixelRatio: 2,
            canvasContextAttributes: { preserveDrawingBuffer: true },
          }
        : {},
    })
    this.map = map
    this.stir = stir
    if (!paper && !bare) {
      map.addControl(new NavigationControl({ showCompass: false }), 'top-left')
      map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left')
      map.addControl(new AttributionControl({ compact: true }), 'bottom-left')
    }
    if (!paper) this.listen(hands)
    map.on('style.load', () => {
      this.loaded = true
      if (this.next) this.show(this.next)
    })
    map.on('idle', () => hands.current.idle?.())
  }

  private listen(hands: { current: Hands }) {
    const { map } = this
    map.on('click', ({ lngLat }) => hands.current.click?.([lngLat.lng, lngLat.lat]))
    map.on('dblclick', (event) => {
      if (!hands.current.double) return
      event.preventDefault()
      hands.current.double()
    })
    map.on('mousemove', ({ lngLat }) => hands.current.hover?.([lngLat.lng, lngLat.lat]))
    map.on('moveend', () => hands.current.move?.(this.seen()))
    // Enter on the map is a click on its middle: what a mouse draws, arrow keys draw too.
    map.getCanvas().addEventListener('keydown', (event) => {
      const { lng, lat } = map.getCenter()
      if (pressed(event, 'finish') >= 0) hands.current.double?.()
      else if (pressed(event, 'corner') >= 0) hands.current.click?.([lng, lat])
      else if (pressed(event, 'uncorner') >= 0) hands.current.undo?.()
      else return
      event.preventDefault()
    })
  }

  /** Draws another scene; what is the same stays. */
  show(style: StyleSpecification): void {
    this.next = style
    if (!this.loaded) return
    this.next = null
    this.stir()
    for (const [id, wanted] of Object.entries(style.sources)) {
      const before = this.map.getSource<VectorTileSource>(id)
      if (before?.type !== 'vector' || wanted.type !== 'vector' || !wanted.tiles) continue
      // Other tiles of the same source: the old ones are seen until the new ones are there. Asked
      // of its description: a source that was only just added has no tiles of its own yet.
      const shown: { tiles?: string[] } = before.serialize()
      if (shown.tiles?.join() !== wanted.tiles.join()) before.setTiles(wanted.tiles)
    }
    this.map.setStyle(style, { diff: true })
    this.map.triggerRepaint()
  }

  seen(): Seen {
    return { view: viewOf(this.map), bounds: boundsOf(this.map) }
  }

  look({ lon, lat, zoom }: View): void {
    this.map.jumpTo({ center: [lon, lat], zoom })
  }

  fly(place: Place, zoom: number): void {
    this.map.easeTo({ center: place, zoom, duration: 400 })
  }

  /** Moves the map aside where a panel at its right edge would cover a place. */
  reveal(place: Place): void {
    const { x } = this.map.project(place)
    const { clientWidth } = this.element
    const over = x - (clientWidth - PANEL)
    if (over > 0 && clientWidth > 2 * PANEL) this.map.panBy([over, 0], { duration: 200 })
  }

  fit(bounds: Bounds): void {
    // What else the page shows now may have made the map smaller.
    this.map.resize()
    const room = this.element.clientWidth > 2 * PANEL ? PANEL : 48
    const padding = { top: 48, bottom: 48, left: 48, right: room }
    this.map.fitBounds(bounds, { padding, maxZoom: 17, duration: 400 })
  }

  /** What follows the pointer while something is drawn. */
  hover(features: Feature[]): void {
    const data = { type: 'FeatureCollection', features } as const
    this.map.getSource<GeoJSONSource>('hover')?.setData(data)
  }

  cursor(name: string): void {
    this.map.getCanvas().style.cursor = name
  }

  /** What is drawn within a few pixels of a place, the uppermost first. */
  under(place: Place, layers: Iterable<string>): Hit[] {
    const { x, y } = this.map.project(place)
    const known = [...layers].filter((id) => this.map.getLayer(id))
    const found = this.map.queryRenderedFeatures(
      [
        [x - 6, y - 6],
        [x + 6, y + 6],
      ],
      { layers: known },
    )
    return found.map(({ layer, properties }) => ({ layer: layer.id, properties }))
  }

  /** Keeps another map at the same place, both ways; gives the end of it. */
  together(other: Canvas): () => void {
    let busy = false
    const follow = (from: MapLibre, to: MapLibre) => () => {
      if (busy) return
      busy = true
      to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() })
      busy = false
    }
    const [there, back] = [follow(this.map, other.map), follow(other.map, this.map)]
    there()
    this.map.on('move', there)
    other.map.on('move', back)
    return () => {
      this.map.off('move', there)
      other.map.off('move', back)
    }
  }

  picture(): string {
    return this.map.getCanvas().toDataURL('image/png')
  }

  remove(): void {
    delete this.element.cityMap
    this.map.remove()
  }
}
