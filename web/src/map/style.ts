/**
 * The map's look and its sources. Everything comes from our own tiles, labels are drawn with the
 * machine's fonts: no glyph, sprite or tile server is asked. Drawing rules, learnt by looking:
 * finished cases first, small and grey; open ones by phase; overdue last and largest; labels on top.
 */
import type {
  ExpressionSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl'
import { language } from '../app/language'
import { PALETTE, type Palette, type Phase, type Theme } from '../app/theme'
import { type Basemap, basemapParts } from './basemap'
import { type CityRoads, roadParts } from './cityroads'

/** What may lie on the ground; the server has a tile layer of each name. */
export type LayerName = 'cases' | 'components' | 'unit_grids' | 'duty_grids'

/** From which zoom components that are no points are drawn as they lie. */
export const OUTLINES_FROM = 16

export const FONTS = ['Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif']

export function tiles(layer: string, query = ''): string {
  return `${location.origin}/tiles/${layer}/{z}/{x}/{y}.mvt${query ? `?${query}` : ''}`
}

export function source(layer: string, maxzoom: number, query = ''): SourceSpecification {
  return { type: 'vector', tiles: [tiles(layer, query)], maxzoom, minzoom: 0 }
}

export interface StyleWish {
  theme: Theme
  layers: readonly LayerName[]
  /** Query string of the cases layer: the list's own filters. */
  cases?: string
  base?: Basemap | null
  /** Drawn where there is no basemap, which has its own. */
  roads?: readonly CityRoads[]
}

export function style(wish: StyleWish): StyleSpecification {
  const { theme, layers, cases = '', base = null, roads = [] } = wish
  const below = basemapParts(base, theme).sources
  const ways = roadParts(base ? [] : roads, theme)
  const areas = source('areas', 14)
  const sources: StyleSpecification['sources'] = { ...below, ...ways.sources, areas }
  if (layers.includes('unit_grids')) sources.unit_grids = source('unit_grids', 16)
  if (layers.includes('duty_grids')) sources.duty_grids = source('duty_grids', 16)
  if (layers.includes('components')) sources.components = source('components', 16)
  if (layers.includes('cases')) sources.cases = source('cases', 14, cases)
  return {
    version: 8,
    sources,
    layers: [
      ...grounded(theme, base, ways.lines),
      ...(layers.includes('unit_grids') ? outline('unit_grids', theme, 14) : []),
      ...(layers.includes('duty_grids') ? outline('duty_grids', theme, 10) : []),
      ...(layers.includes('components') ? componentLayers(theme) : []),
      ...(layers.includes('cases') ? caseLayers(theme) : []),
      ...ways.names,
      ...labels(theme),
    ],
  }
}

/** The ground with the basemap in it, which has a land of its own, or the city's roads, and the
 * borders on it. */
export function grounded(
  theme: Theme,
  base: Basemap | null,
  roads: readonly LayerSpecification[] = [],
  drawn: (border: LayerSpecification) => LayerSpecification[] = (border) => [border],
): LayerSpecification[] {
  const [sky, land, ...borders] = ground(theme)
  return [
    ...(sky ? [sky] : []),
    ...(land && !base ? [land] : []),
    ...basemapParts(base, theme).layers,
    ...roads,
    ...borders.flatMap(drawn),
  ]
}

function ground(theme: Theme): LayerSpecification[] {
  const { map } = PALETTE[theme]
  const level = (name: string): ExpressionSpecification => ['==', ['get', 'level'], name]
  const border = (id: string, of: string, minzoom: number, color: string, width: number) =>
    ({
      id,
      type: 'line',
      source: 'areas',
      'source-layer': 'areas',
      minzoom,
      filter: level(of),
      paint: { 'line-color': color, 'line-width': width },
    }) satisfies LayerSpecification
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': map.ground } },
    {
      id: 'land',
      type: 'fill',
      source: 'areas',
      'source-layer': 'areas',
      filter: level('district'),
      paint: { 'fill-color': map.area },
    },
    border('communities', 'community', 13, map.borderWeak, 0.7),
    border('streets', 'street', 10, map.borderWeak, 1.1),
    {
      id: 'districts',
      type: 'line',
      source: 'areas',
      'source-layer': 'areas',
      filter: level('district'),
      paint: { 'line-color': map.border, 'line-width': 1.2, 'line-dasharray': [3, 2] },
    },
  ]
}

export function outline(layer: LayerName, theme: Theme, minzoom: number): LayerSpecification[] {
  const { map, accent } = PALETTE[theme]
  const mine = layer === 'duty_grids'
  return [
    {
      id: layer,
      type: 'line',
      source: layer,
      'source-layer': layer,
      minzoom,
      paint: { 'line-color': mine ? accent : map.border, 'line-width': mine ? 1.6 : 0.6 },
    },
  ]
}

export function componentLayers(theme: Theme): LayerSpecification[] {
  const { map, text2, phase } = PALETTE[theme]
  const colour: ExpressionSpecification = ['match', ['get', 'state'], 'intact', text2, phase.over]
  const outline = {
    source: 'components',
    'source-layer': 'components_outline',
    minzoom: OUTLINES_FROM,
  } as const
  return [
    {
      ...outline,
      id: 'components_face',
      type: 'fill',
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': colour, 'fill-opacity': 0.14 },
    },
    {
      ...outline,
      id: 'components_line',
      type: 'line',
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: {
        'line-color': colour,
        'line-width': ['interpolate', ['linear'], ['zoom'], 16, 1, 19, 2],
      },
    },
    {
      id: 'components_count',
      type: 'circle',
      source: 'components',
      'source-layer': 'components_count',
      paint: {
        'circle-color': map.quiet,
        'circle-opacity': 0.55,
        'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'n']], 1, 1.5, 100, 12],
      },
    },
    {
      id: 'components',
      type: 'circle',
      source: 'components',
      'source-layer': 'components',
      minzoom: 14,
      paint: {
        'circle-color': colour,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 14, 1.6, 18, 5],
        'circle-stroke-width': 0.6,
        'circle-stroke-color': map.area,
      },
    },
  ]
}

export function caseLayers(theme: Theme): LayerSpecification[] {
  const { bg, map, phase } = PALETTE[theme]
  const is = (...names: Phase[]): ExpressionSpecification => [
    'in',
    ['get', 'phase'],
    ['literal', names],
  ]
  const colour: ExpressionSpecification = [
    'match',
    ['get', 'phase'],
    'new',
    phase.new,
    'doing',
    phase.doing,
    'check',
    phase.check,
    phase.over,
  ]
  const cases = { type: 'circle', source: 'cases', 'source-layer': 'cases' } as const
  return [
    {
      id: 'cases_count',
      type: 'circle',
      source: 'cases',
      'source-layer': 'cases_count',
      paint: {
        'circle-color': mostly(phase, map.quiet),
        'circle-opacity': 0.8,
        'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'n']], 1, 3, 12, 9, 60, 20],
        'circle-stroke-width': 0.6,
        'circle-stroke-color': bg,
      },
    },
    {
      ...cases,
      id: 'cases_done',
      filter: is('done'),
      paint: {
        'circle-color': map.quiet,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 0.9, 13, 2.6, 16, 6],
        'circle-opacity': ['interpolate', ['linear'], ['zoom'], 10, 0.35, 14, 0.8],
      },
    },
    {
      ...cases,
      id: 'cases_open',
      filter: is('new', 'doing', 'check'),
      paint: {
        'circle-color': colour,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 1.5, 13, 4.2, 16, 8],
        'circle-opacity': 0.9,
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 11, 0.4, 14, 1.2],
        'circle-stroke-color': bg,
      },
    },
    {
      ...cases,
      id: 'cases_over',
      filter: is('over'),
      paint: {
        'circle-color': phase.over,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 2.2, 13, 5.2, 16, 9],
        'circle-stroke-width': 1,
        'circle-stroke-color': bg,
      },
    },
  ]
}

/** The colour of a cell of cases: late where a quarter of them is, else that of most open ones. */
function mostly(phase: Palette['phase'], done: string): ExpressionSpecification {
  const n = (name: string): ExpressionSpecification => ['coalesce', ['get', name], 0]
  const most = (name: string, one: string, other: string): ExpressionSpecification => [
    '>=',
    n(name),
    ['max', n(one), n(other)],
  ]
  return [
    'case',
    ['>', ['*', 4, n('n_over')], n('n')],
    phase.over,
    ['>=', n('n_done'), n('n')],
    done,
    most('n_new', 'n_doing', 'n_check'),
    phase.new,
    most('n_check', 'n_new', 'n_doing'),
    phase.check,
    phase.doing,
  ]
}

export function labels(theme: Theme): LayerSpecification[] {
  const { map } = PALETTE[theme]
  const name: ExpressionSpecification =
    language() === 'zh'
      ? ['get', 'name_zh']
      : [
          'case',
          ['!=', ['coalesce', ['get', 'name_en'], ''], ''],
          ['get', 'name_en'],
          ['get', 'name_zh'],
        ]
  const label = (level: string, size: number, minzoom: number, maxzoom: number) =>
    ({
      id: `label_${level}`,
      type: 'symbol',
      source: 'areas',
      'source-layer': 'areas_label',
      minzoom,
      maxzoom,
      filter: ['==', ['get', 'level'], level],
      layout: {
        'text-field': name,
        'text-font': FONTS,
        'text-size': size,
        'text-letter-spacing': language() === 'zh' ? 0.12 : 0,
      },
      paint: { 'text-color': map.label, 'text-halo-color': map.area, 'text-halo-width': 1.6 },
    }) satisfies LayerSpecification
  return [
    label('community', 11, 14, 24),
    label('street', 12, 11.5, 16),
    label('district', 14, 0, 13),
  ]
}
