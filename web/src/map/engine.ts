/** MapLibre itself; only `CityMap` loads this chunk. */
import type { FeatureCollection } from 'geojson'
import { currentTheme, PALETTE } from '../app/theme'
import { type Basemap, chosenBasemap } from './basemap'
import { blankMap, boundsOf, type View } from './blank'
import type { Bounds } from './bounds'
import type { CityMapProps, Place } from './CityMap'
import { type CityRoads, cityRoads } from './cityroads'
import {
  AttributionControl,
  type GeoJSONSource,
  type Map as MapLibre,
  Marker,
  NavigationControl,
  ScaleControl,
} from './maplibre'
import { style } from './style'

export { viewOf } from './blank'

interface Latest {
  current: CityMapProps
}

/** The layers that answer a click, nearest to the eye first, and as what. */
const PICKABLE: Record<string, string> = {
  rows: 'rows',
  cases_over: 'cases_over',
  cases_open: 'cases_open',
  cases_done: 'cases_done',
  cases_count: 'cases_count',
  components: 'components',
  components_line: 'components',
  components_face: 'components',
}
const NO_ROWS: FeatureCollection = { type: 'FeatureCollection', features: [] }

let base: Basemap | null = null
let roads: readonly CityRoads[] = []

/** What has to be known before the first map is drawn. */
export async function prepare(): Promise<void> {
  ;[base, roads] = await Promise.all([chosenBasemap(), cityRoads()])
}

function below({ pictures = true }: CityMapProps): Basemap | null {
  return pictures || base?.formats.every((each) => each === 'vector') ? base : null
}

function wish(props: CityMapProps) {
  const { theme = currentTheme(), layers = [], cases = '' } = props
  return { theme, layers, cases, base: below(props), roads }
}

function pickable(map: MapLibre): string[] {
  return Object.keys(PICKABLE).filter((id) => map.getLayer(id))
}

/** A place somewhere, until a city was loaded. */
const ANYWHERE: View = { lon: 120.38, lat: 36.07, zoom: 9 }

export function mount(
  element: HTMLElement,
  latest: Latest,
  at: View | Bounds = ANYWHERE,
): MapLibre {
  const props = latest.current
  const { map } = blankMap(element, {
    style: style(wish(props)),
    at,
    padding: props.padding ?? 24,
    maxZoom: 19,
    label: props.label,
  })
  if (props.controls !== false) {
    map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
    map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left')
  }
  // Whoever made the basemap is named on every map, however small.
  if (props.controls !== false || below(props)?.attribution) {
    map.addControl(new AttributionControl({ compact: true, customAttribution: '' }))
  }
  map.on('style.load', () => addRows(map, latest.current))
  map.on('click', (event) => {
    const { onPick, onPin } = latest.current
    const { x, y } = event.point
    const found = map.queryRenderedFeatures(
      [
        [x - 5, y - 5],
        [x + 5, y + 5],
      ],
      { layers: pickable(map) },
    )[0]
    if (found?.layer.id === 'cases_count') {
      map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 2 })
      return
    }
    if (found && onPick) {
      onPick({
        layer: PICKABLE[found.layer.id] ?? found.layer.id,
        lon: event.lngLat.lng,
        lat: event.lngLat.lat,
        properties: found.properties,
      })
    } else {
      onPin?.([event.lngLat.lng, event.lngLat.lat])
    }
  })
  map.on('mousemove', (event) => {
    const over = map.queryRenderedFeatures(event.point, { layers: pickable(map) }).length > 0
    map.getCanvas().style.cursor = over ? 'pointer' : latest.current.onPin ? 'crosshair' : ''
  })
  map.on('moveend', () => latest.current.onMove?.(boundsOf(map), map.getZoom()))
  return map
}

export function restyle(map: MapLibre, props: CityMapProps): void {
  const next = style(wish(props))
  const version = props.version ?? 0
  const source = next.sources.cases
  if (version && source?.type === 'vector' && source.tiles) {
    // Another address, so that neither MapLibre nor the browser shows tiles of before.
    const mark = `v=${version}`
    source.tiles = source.tiles.map((url) => `${url}${url.includes('?') ? '&' : '?'}${mark}`)
  }
  map.setStyle(next, {
    transformStyle: (before, after) => {
      const rows = before?.sources.rows
      const kept = before?.layers.filter((layer) => 'source' in layer && layer.source === 'rows')
      if (!rows || !kept) return after
      return {
        ...after,
        sources: { ...after.sources, rows },
        layers: [...after.layers, ...kept],
      }
    },
  })
}

function addRows(map: MapLibre, props: CityMapProps): void {
  if (map.getSource('rows')) return
  const { accent, phase, surface } = PALETTE[props.theme ?? currentTheme()]
  map.addSource('rows', { type: 'geojson', data: props.rows ?? NO_ROWS })
  map.addLayer({
    id: 'rows_outline',
    type: 'line',
    source: 'rows',
    filter: ['!=', ['geometry-type'], 'Point'],
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': accent, 'line-width': 2 },
  })
  map.addLayer({
    id: 'rows',
    type: 'circle',
    source: 'rows',
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-color': [
        'match',
        ['get', 'phase'],
        'new',
        phase.new,
        'check',
        phase.check,
        'done',
        phase.done,
        'over',
        phase.over,
        phase.doing,
      ],
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 4, 14, 7, 17, 10],
      'circle-stroke-width': 2,
      'circle-stroke-color': surface,
    },
  })
  map.addLayer({
    id: 'rows_selected',
    type: 'circle',
    source: 'rows',
    filter: ['==', ['get', 'id'], -1],
    paint: {
      'circle-color': 'rgba(0,0,0,0)',
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 9, 14, 13, 17, 17],
      'circle-stroke-width': 3,
      'circle-stroke-color': accent,
    },
  })
}

export function showRows(
  map: MapLibre,
  rows: FeatureCollection | null,
  selected: string | number | null,
): void {
  map.getSource<GeoJSONSource>('rows')?.setData(rows ?? NO_ROWS)
  if (map.getLayer('rows_selected')) {
    map.setFilter('rows_selected', ['==', ['get', 'id'], selected ?? -1])
  }
}

export function placePin(
  map: MapLibre,
  before: Marker | null,
  place: Place | null,
  latest: Latest,
): Marker | null {
  if (!place) {
    before?.remove()
    return null
  }
  if (before) return before.setLngLat(place)
  const marker = new Marker({
    color: PALETTE[latest.current.theme ?? currentTheme()].accent,
    draggable: !!latest.current.onPin,
  })
  marker.on('dragend', () => {
    const { lng, lat } = marker.getLngLat()
    latest.current.onPin?.([lng, lat])
  })
  return marker.setLngLat(place).addTo(map)
}
