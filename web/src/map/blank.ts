/** A map with nothing on it yet: what all maps of all pages have in common. */
import './shifted'
import type { MapOptions } from 'maplibre-gl'
import type { Bounds } from './bounds'
import { Map as MapLibre } from './maplibre'
import { watchRest } from './rest'
import { t } from './words'

/** Where a map looks. */
export interface View {
  lon: number
  lat: number
  zoom: number
}

declare global {
  interface HTMLElement {
    /** The mark of browser tests: what is drawn can be asked of it. */
    cityMap?: MapLibre
  }
}

export interface BlankWish extends Pick<MapOptions, 'style' | 'maxZoom'> {
  at: View | Bounds
  /** Round bounds. */
  padding: NonNullable<MapOptions['fitBoundsOptions']>['padding']
  /** What readers of the screen call it: MapLibre makes a landmark of each map. */
  label: string
  /** What only this map has. */
  more?: Partial<MapOptions>
}

/** The map, and what marks it as busy: see rest.ts. North stays above, as on paper. */
export function blankMap(element: HTMLElement, wish: BlankWish) {
  const { style, at, padding, maxZoom, label, more } = wish
  const map = new MapLibre({
    container: element,
    style,
    maxZoom,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: {
      'Map.Title': label,
      'Marker.Title': t('pin'),
      'NavigationControl.ZoomIn': t('zoom_in'),
      'NavigationControl.ZoomOut': t('zoom_out'),
      'AttributionControl.ToggleAttribution': t('attribution'),
      'ScaleControl.Meters': t('metres'),
      'ScaleControl.Kilometers': t('kilometres'),
    },
    ...(Array.isArray(at)
      ? { bounds: at, fitBoundsOptions: { padding } }
      : { center: [at.lon, at.lat], zoom: at.zoom }),
    ...more,
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  element.cityMap = map
  const stir = watchRest(map, element)
  // A tile that did not come (no network, no more of it) is drawn by its coarser one: nothing to
  // tell. Anything else is a fault of ours.
  map.on('error', (event) => {
    if (!('sourceId' in event)) reportError(event.error)
  })
  return { map, stir }
}

export function viewOf(map: MapLibre): View {
  const { lng, lat } = map.getCenter()
  return { lon: lng, lat, zoom: map.getZoom() }
}

export function boundsOf(map: MapLibre): Bounds {
  const box = map.getBounds()
  return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
}
