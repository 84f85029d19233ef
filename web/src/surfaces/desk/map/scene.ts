/**
 * Everything that the map shows, as one MapLibre style made anew from the page's state: MapLibre
 * itself finds what has changed. From below: basemap, ground, density, layers, names, and what the
 * tools have marked.
 */
import type { Feature, FeatureCollection } from 'geojson'
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import { PALETTE, type Theme } from '../../../app/theme'
import { type Basemap, basemapParts } from '../../../map/basemap'
import {
  caseLayers,
  componentLayers,
  FONTS,
  grounded,
  labels,
  outline,
  source,
} from '../../../map/style'
import { drawing, faded } from '../../../map/vocabulary'
import type { MapLayer } from './layers'

export interface Drawn {
  layer: MapLayer
  opacity: number
  /** Query string of its tiles: the stretch of time that is shown. */
  query?: string
}

export interface Overlays {
  /** Cells with `color`. */
  density: Feature[]
  /** Outline of the selection. */
  selection: Feature[]
  notes: Feature[]
  /** What is being drawn; `corner` tells corners from the shape. */
  sketch: Feature[]
  /** Places that were found or asked about; `label` is written beside them. */
  marks: Feature[]
}

export interface SceneWish {
  theme: Theme
  base: Basemap | null
  /** The uppermost first. */
  drawn: readonly Drawn[]
  /** Query string of the cases' tiles. */
  cases: string
  overlays: Overlays
}

const OVERLAYS = ['density', 'selection', 'notes', 'sketch', 'hover', 'marks'] as const

function collection(features: Feature[]): FeatureCollection {
  return { type: 'FeatureCollection', features }
}

export function scene({ theme, base, drawn, cases, overlays }: SceneWish): StyleSpecification {
  const below = basemapParts(base, theme).sources
  const sources: StyleSpecification['sources'] = { ...below, areas: source('areas', 14) }
  for (const { layer, query = '' } of drawn) {
    // Their tiles are made up to a zoom, and stretched beyond it.
    const deepest = layer.style ? Math.min(16, layer.maxzoom) : layer.code === 'cases' ? 14 : 16
    if (layer.code !== 'areas') {
      sources[layer.code] = source(layer.code, deepest, layer.code === 'cases' ? cases : query)
    }
  }
  for (const name of OVERLAYS) {
    const features = name === 'hover' ? [] : overlays[name]
    sources[name] = { type: 'geojson', data: collection(features) }
  }
  const areas = drawn.find(({ layer }) => layer.code === 'areas')
  const layers: LayerSpecification[] = [
    ...grounded(theme, base, [], (border) => (areas ? [faded(border, areas.opacity)] : [])),
    ...densityLayers(theme),
    ...[...drawn].reverse().flatMap((each) => layersOf(each, theme)),
    ...(areas ? labels(theme) : []),
    ...overlayLayers(theme),
  ]
  return { version: 8, sources, layers }
}

function layersOf({ layer, opacity }: Drawn, theme: Theme): LayerSpecification[] {
  return own(layer, theme).map((each) => faded(each, opacity))
}

/** A face that is not seen but can be asked about. */
function face(code: string, minzoom: number): LayerSpecification {
  return {
    id: `${code}_face`,
    type: 'fill',
    source: code,
    'source-layer': code,
    minzoom,
    paint: { 'fill-color': '#000000', 'fill-opacity': 0 },
  }
}

function own(layer: MapLayer, theme: Theme): LayerSpecification[] {
  switch (layer.code) {
    case 'areas':
      return []
    case 'unit_grids':
      return [face('unit_grids', 14), ...outline('unit_grids', theme, 14)]
    case 'duty_grids':
      return [face('duty_grids', 10), ...outline('duty_grids', theme, 10)]
    case 'components':
      return componentLayers(theme)
    case 'cases':
      return caseLayers(theme)
    case 'addresses':
      return addressLayers(theme)
    default:
      return layer.style && layer.shape
        ? drawing(layer.code, layer.shape, layer.style, theme, layer)
        : []
  }
}

function addressLayers(theme: Theme): LayerSpecification[] {
  const { map, surface } = PALETTE[theme]
  const common = { source: 'addresses', minzoom: 16 } as const
  return [
    {
      ...common,
      id: 'addresses_count',
      type: 'circle',
      'source-layer': 'addresses_count',
      paint: { 'circle-color': map.quiet, 'circle-opacity': 0.5, 'circle-radius': 4 },
    },
    {
      ...common,
      id: 'addresses',
      type: 'circle',
      'source-layer': 'addresses',
      paint: {
        'circle-color': map.border,
        'circle-radius': 2.5,
        'circle-stroke-width': 1,
        'circle-stroke-color': surface,
      },
    },
    {
      ...common,
      id: 'addresses_label',
      type: 'symbol',
      'source-layer': 'addresses',
      minzoom: 17,
      layout: {
        'text-field': ['get', 'full_text'],
        'text-font': FONTS,
        'text-size': 11,
        'text-max-width': 9,
        'text-offset': [0, 0.7],
        'text-anchor': 'top',
      },
      paint: { 'text-color': map.label, 'text-halo-color': map.area, 'text-halo-width': 1.4 },
    },
  ]
}

function densityLayers(theme: Theme): LayerSpecification[] {
  return [
    {
      id: 'density',
      type: 'fill',
      source: 'density',
      paint: { 'fill-color': ['get', 'color'], 'fill-opacity': 0.7 },
    },
    {
      id: 'density_outline',
      type: 'line',
      source: 'density',
      paint: { 'line-color': PALETTE[theme].map.area, 'line-width': 0.5 },
    },
  ]
}

function overlayLayers(theme: Theme): LayerSpecification[] {
  const { accent, surface, text, phase, map } = PALETTE[theme]
  const shape = (id: string, of: string, color: string): LayerSpecification[] => [
    {
      id: `${id}_face`,
      type: 'fill',
      source: of,
      filter: ['in', ['geometry-type'], ['literal', ['Polygon', 'MultiPolygon']]],
      paint: { 'fill-color': color, 'fill-opacity': 0.1 },
    },
    {
      id: `${id}_line`,
      type: 'line',
      source: of,
      filter: ['!=', ['geometry-type'], 'Point'],
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': color, 'line-width': 2 },
    },
  ]
  const dot = (id: string, of: string, color: string, radius: number): LayerSpecification => ({
    id,
    type: 'circle',
    source: of,
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-color': color,
      'circle-radius': radius,
      'circle-stroke-width': 2,
      'circle-stroke-color': surface,
    },
  })
  const caption = (id: string, of: string, field: string): LayerSpecification => ({
    id,
    type: 'symbol',
    source: of,
    layout: {
      'text-field': ['coalesce', ['get', field], ''],
      'text-font': FONTS,
      'text-size': 13,
      'text-offset': [0, 0.9],
      'text-anchor': 'top',
      'text-allow-overlap': true,
    },
    paint: { 'text-color': text, 'text-halo-color': map.area, 'text-halo-width': 1.8 },
  })
  return [
    ...shape('selection', 'selection', accent),
    ...shape('notes', 'notes', phase.check),
    dot('notes', 'notes', phase.check, 5),
    caption('notes_label', 'notes', 'text'),
    ...shape('hover', 'hover', accent),
    ...shape('sketch', 'sketch', accent),
    {
      ...dot('sketch', 'sketch', accent, 4),
      filter: ['==', ['get', 'corner'], true],
    } as LayerSpecification,
    ...shape('marks', 'marks', accent),
    {
      id: 'marks',
      type: 'circle',
      source: 'marks',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-color': accent,
        'circle-opacity': 0.15,
        'circle-radius': 10,
        'circle-stroke-width': 3,
        'circle-stroke-color': accent,
      },
    },
    caption('marks_label', 'marks', 'label'),
  ]
}

/** The layers that answer a click, by the layer of the tree they belong to. */
export function askable(drawn: readonly Drawn[], theme: Theme): Map<string, string> {
  const found = new Map<string, string>()
  for (const each of drawn) {
    for (const made of own(each.layer, theme)) {
      if (made.type !== 'symbol') found.set(made.id, each.layer.code)
    }
  }
  return found
}
