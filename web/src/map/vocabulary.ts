/**
 * How a layer that is data is drawn: the server's few words (docs/city/layers.md) as MapLibre's
 * layers. What an address says is checked here once; unknown words draw nothing wrong.
 */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { PALETTE, type Theme } from '../app/theme'
import { FONTS } from './style'

export type Shape = 'point' | 'line' | 'polygon'

export interface ByValue {
  value: string
  zh: string
  en: string
  color: string
}

export interface LayerStyle {
  color: string
  width: number
  radius: number
  fill_opacity: number
  outline: string | null
  label: string | null
  by: { field: string; values: ByValue[]; other: string } | null
}

export const PLAIN: LayerStyle = {
  color: '#1b5ccb',
  width: 2,
  radius: 5,
  fill_opacity: 0.25,
  outline: null,
  label: null,
  by: null,
}

const COLOUR = /^#[0-9a-fA-F]{6}$/

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function colour<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' && COLOUR.test(value) ? value : otherwise
}

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && value >= least && value <= most ? value : otherwise
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function readStyle(value: unknown): LayerStyle {
  if (!isRecord(value)) return PLAIN
  const { by } = value
  return {
    color: colour(value.color, PLAIN.color),
    width: within(value.width, 1, 20, PLAIN.width),
    radius: within(value.radius, 1, 30, PLAIN.radius),
    fill_opacity: within(value.fill_opacity, 0, 1, PLAIN.fill_opacity),
    outline: colour(value.outline, null),
    label: text(value.label) || null,
    by:
      isRecord(by) && typeof by.field === 'string' && Array.isArray(by.values)
        ? {
            field: by.field,
            values: by.values.filter(isRecord).flatMap((each) => {
              const said = colour(each.color, null)
              const known = ['string', 'number', 'boolean'].includes(typeof each.value)
              if (!said || !known) return []
              const name = String(each.value)
              return [{ value: name, zh: text(each.zh), en: text(each.en), color: said }]
            }),
            other: colour(by.other, PLAIN.color),
          }
        : null,
  }
}

function colourOf({ by, color }: LayerStyle): string | ExpressionSpecification {
  if (!by || by.values.length === 0) return color
  // A match may not name a value twice.
  const known = new Map(by.values.map((each) => [each.value, each.color]))
  const [first, ...rest] = [...known].flat()
  const value: ExpressionSpecification = ['to-string', ['get', by.field]]
  return ['match', value, first ?? '', ...rest, by.other] as ExpressionSpecification
}

/** `code` names the source, the tile's layer, and the layers made here (`code`, `code_…`). */
export function drawing(
  code: string,
  shape: Shape,
  style: LayerStyle,
  theme: Theme,
  zooms: { minzoom: number; maxzoom: number },
): LayerSpecification[] {
  const { map, surface } = PALETTE[theme]
  const paint = colourOf(style)
  // What is drawn at the last zoom of a layer's range stays until the next one begins.
  const common = {
    source: code,
    'source-layer': code,
    minzoom: zooms.minzoom,
    maxzoom: Math.min(24, zooms.maxzoom + 1),
  }
  const layers: LayerSpecification[] = []
  if (shape === 'polygon') {
    layers.push(
      {
        ...common,
        id: code,
        type: 'fill',
        paint: { 'fill-color': paint, 'fill-opacity': style.fill_opacity },
      },
      {
        ...common,
        id: `${code}_outline`,
        type: 'line',
        paint: { 'line-color': style.outline ?? paint, 'line-width': style.width },
      },
    )
  } else if (shape === 'line') {
    layers.push({
      ...common,
      id: code,
      type: 'line',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': paint,
        // From far, where lines are many, finer.
        'line-width': [
          'interpolate',
          ['linear'],
          ['zoom'],
          10,
          Math.max(0.5, style.width * 0.3),
          15,
          style.width,
        ],
      },
    })
  } else {
    layers.push(
      {
        ...common,
        id: `${code}_count`,
        type: 'circle',
        'source-layer': `${code}_count`,
        paint: {
          'circle-color': style.color,
          'circle-opacity': 0.55,
          'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'n']], 1, 2.5, 60, 14],
        },
      },
      {
        ...common,
        id: code,
        type: 'circle',
        paint: {
          'circle-color': paint,
          'circle-radius': [
            'interpolate',
            ['linear'],
            ['zoom'],
            10,
            Math.max(1.2, style.radius * 0.4),
            15,
            style.radius,
          ],
          'circle-stroke-width': 1,
          'circle-stroke-color': style.outline ?? surface,
        },
      },
    )
  }
  if (style.label) {
    layers.push({
      ...common,
      id: `${code}_label`,
      type: 'symbol',
      layout: {
        'text-field': ['to-string', ['get', style.label]],
        'text-font': FONTS,
        'text-size': 12,
        ...(shape === 'point' ? { 'text-offset': [0, 1.1], 'text-anchor': 'top' } : {}),
        ...(shape === 'line' ? { 'symbol-placement': 'line' } : {}),
      },
      paint: { 'text-color': map.label, 'text-halo-color': map.area, 'text-halo-width': 1.4 },
    })
  }
  return layers
}

type Paint = Record<string, unknown>

/** A number or an expression of one, times `share`. The zoom may only stand at an outer place. */
export function times(value: unknown, share: number): unknown {
  if (typeof value === 'number') return value * share
  if (Array.isArray(value) && value[0] === 'interpolate') {
    return value.map((each, index) => (index > 3 && index % 2 === 0 ? times(each, share) : each))
  }
  return ['*', value, share]
}

const OPACITIES: Partial<Record<LayerSpecification['type'], string[]>> = {
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  fill: ['fill-opacity'],
  line: ['line-opacity'],
  symbol: ['text-opacity'],
  raster: ['raster-opacity'],
}

/** The same layer, seen through. */
export function faded(layer: LayerSpecification, share: number): LayerSpecification {
  if (share >= 1) return layer
  const paint: Paint = { ...layer.paint }
  for (const name of OPACITIES[layer.type] ?? []) paint[name] = times(paint[name] ?? 1, share)
  return { ...layer, paint } as LayerSpecification
}
