/** A layer as its keepers read and write it. */
import { send } from '../../../api/client'
import { type LayerStyle, PLAIN, readStyle, type Shape } from '../../../map/vocabulary'

export interface LayerField {
  name: string
  zh: string
  en: string
  kind: string
}

export interface LayerRow {
  code: string
  name_zh: string
  name_en: string
  about: string
  folder: string
  position: number
  shape: string
  style: Record<string, unknown> | null
  legend: { zh: string; en: string; color: string; shape: string }[]
  minzoom: number
  maxzoom: number
  opacity: number
  visible: boolean
  time_field: string
  fields: LayerField[]
  access: string
  roads: boolean
  organisation: string | null
  /** One of the program's own, which nobody changes. */
  program: boolean
  editable: boolean
}

export interface LayerSettings extends LayerRow {
  own_table: boolean
  oneway_field: string
  roles: string[]
  /** How many rows lie in a table of its own. */
  rows: number | null
}

/** A file on its way into a layer, or what became of it. */
export interface Filling {
  id: number
  state: string
  file_name: string
  /** How many rows it has; null where only reading to the end would tell. */
  total: number | null
  read: number
  rows: number
  rejected: number
  examples: { line: number; reason: string; zh: string; en: string; detail: string }[]
  ignored: string[]
  empty: string[]
  /** Where all rejected rows are, with their reasons. */
  rejected_csv: string | null
  /** Why nothing was changed, and the way out. */
  refused: { zh: string; en: string; remedy_zh: string; remedy_en: string } | null
  asked_by: string
  asked_at: string
  finished_at: string | null
}

/** Whether it is still to come, or at work. */
export function isOpen(filling: Filling): boolean {
  return filling.state === 'waiting' || filling.state === 'running'
}

export const SHAPES = ['point', 'line', 'polygon'] as const
export const ACCESS = ['public', 'signed_in', 'granted'] as const

/** What the form holds; a style with everything said. */
export interface Values {
  code: string
  name_zh: string
  name_en: string
  about: string
  folder: string
  shape: Shape
  access: string
  roles: string[]
  minzoom: number
  maxzoom: number
  opacity: number
  visible: boolean
  time_field: string
  /** Of lines: ways lead along them. */
  roads: boolean
  oneway_field: string
  style: LayerStyle
}

export const NEW: Values = {
  code: '',
  name_zh: '',
  name_en: '',
  about: '',
  folder: '',
  shape: 'point',
  access: 'signed_in',
  roles: [],
  minzoom: 0,
  maxzoom: 22,
  opacity: 1,
  visible: false,
  time_field: '',
  roads: false,
  oneway_field: '',
  style: PLAIN,
}

export function shapeOf(text: string): Shape {
  return SHAPES.find((each) => each === text) ?? 'point'
}

export function valuesOf(layer: LayerSettings): Values {
  const { code, name_zh, name_en, about, folder, access, roles } = layer
  const { minzoom, maxzoom, opacity, visible, time_field, roads, oneway_field } = layer
  return {
    code,
    name_zh,
    name_en,
    about,
    folder,
    shape: shapeOf(layer.shape),
    access,
    roles,
    minzoom,
    maxzoom,
    opacity,
    visible,
    time_field,
    roads,
    oneway_field,
    style: readStyle(layer.style),
  }
}

/** The body of a new layer, or of the change of one: its code and shape stay. */
export function bodyOf(values: Values, fresh: boolean): Record<string, unknown> {
  const { code, shape, ...rest } = values
  const style = { ...rest.style, by: rest.style.by?.values.length ? rest.style.by : null }
  const roles = rest.access === 'public' ? [] : rest.roles
  const body = { ...rest, roles, style, roads: shape === 'line' && rest.roads }
  return fresh ? { ...body, code, shape } : body
}

/** In folders, as the tree has them; what lies in no folder comes first. */
export function folders(layers: readonly LayerRow[]): [folder: string, rows: LayerRow[]][] {
  const found = new Map<string, LayerRow[]>([['', []]])
  for (const layer of layers) found.set(layer.folder, [...(found.get(layer.folder) ?? []), layer])
  return [...found].filter(([, rows]) => rows.length > 0)
}

/** The order to send after one layer changed places with its neighbour in the folder. */
export function moved(
  layers: readonly LayerRow[],
  code: string,
  by: -1 | 1,
): { code: string; folder: string }[] | null {
  const own = layers.find((layer) => layer.code === code)
  if (!own) return null
  const rows = layers.filter((layer) => !layer.program && layer.folder === own.folder)
  const at = rows.findIndex((layer) => layer.code === code)
  const other = rows[at + by]
  if (!other) return null
  const next = rows.map((layer) => {
    if (layer.code === code) return other
    return layer.code === other.code ? own : layer
  })
  return next.map((layer) => ({ code: layer.code, folder: layer.folder }))
}

export async function readLayers(signal?: AbortSignal): Promise<LayerRow[]> {
  const answer: { items: LayerRow[] } = await (await send('/api/layers', { signal })).json()
  return answer.items
}

export async function readLayer(code: string, signal?: AbortSignal): Promise<LayerSettings> {
  return (await send(layerAt(code), { signal })).json()
}

export function layerAt(code: string): string {
  return `/api/layers/${encodeURIComponent(code)}`
}

/** The newest first. */
export async function readFillings(code: string, signal?: AbortSignal): Promise<Filling[]> {
  const answer: { items: Filling[] } = await (
    await send(`${layerAt(code)}/fillings`, { signal })
  ).json()
  return answer.items
}

export async function write(path: string, method: string, body: unknown): Promise<Response> {
  return send(path, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}
