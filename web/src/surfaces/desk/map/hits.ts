/** What lies under a place, once each, with the names that cards give it. */
import { named, pick } from '../../../app/language'
import type { Hit } from './canvas'
import type { MapLayer } from './layers'

export interface Thing {
  key: string
  layer: MapLayer
  /** Things too many to be drawn one by one: how many. */
  counted: number | null
  properties: Record<string, unknown>
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** `layerOf` names the layer of the tree that a layer of the style belongs to. */
export function thingsOf(
  hits: readonly Hit[],
  layers: readonly MapLayer[],
  layerOf: ReadonlyMap<string, string>,
): Thing[] {
  const things = new Map<string, Thing>()
  for (const { layer: drawn, properties } of hits) {
    const layer = layers.find((each) => each.code === layerOf.get(drawn))
    if (!layer) continue
    const counted = drawn.endsWith('_count') ? Number(properties.n) || 0 : null
    const own = textOf(properties.code) || textOf(properties.id) || JSON.stringify(properties)
    const key = `${layer.code} ${counted === null ? own : `n${JSON.stringify(properties)}`}`
    // A thing on the edge of two tiles is drawn by both.
    if (!things.has(key)) things.set(key, { key, layer, counted, properties })
  }
  return [...things.values()]
}

/** What a thing is called in a list. */
export function titleOf({ layer, properties, counted }: Thing, several: string): string {
  if (counted !== null) return several
  switch (layer.code) {
    case 'cases': {
      const matter = pick(textOf(properties.matter_zh), textOf(properties.matter_en))
      return [textOf(properties.number), matter].filter(Boolean).join(' ')
    }
    case 'addresses':
      return textOf(properties.full_text)
    case 'duty_grids':
      return textOf(properties.name) || textOf(properties.code)
    default: {
      const { style } = layer
      const label = style?.label ? textOf(properties[style.label]) : ''
      const name = label || textOf(properties.name) || textOf(properties.code)
      const first = layer.fields.map((field) => textOf(properties[field.name])).find(Boolean)
      return name || first || named(layer)
    }
  }
}

export interface FieldValue {
  name: string
  value: string
}

/** The fields of a thing of a layer that is data, in the layer's order, with its names. */
export function fieldsOf({ layer, properties }: Thing): FieldValue[] {
  return layer.fields.flatMap((field) => {
    const value = properties[field.name]
    if (value === null || value === undefined || value === '') return []
    return [{ name: pick(field.zh, field.en) || field.name, value: String(value) }]
  })
}
