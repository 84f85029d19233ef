/** The layers of the map as a tree, in the order this person has given them. */
import { send } from '../../../api/client'
import { type LayerStyle, readStyle, type Shape } from '../../../map/vocabulary'

export interface LegendEntry {
  zh: string
  en: string
  color: string
  shape: string
}

export interface MapField {
  name: string
  zh: string
  en: string
}

export interface MapLayer {
  code: string
  name_zh: string
  name_en: string
  folder: string
  shape: Shape | null
  /** Null for the program's own layers: the page knows how they are drawn. */
  style: LayerStyle | null
  legend: LegendEntry[]
  minzoom: number
  maxzoom: number
  opacity: number
  visible: boolean
  fields: MapField[]
  /** The field of days or moments that the slider moves; the server filters by it. */
  time: { name: string; days: boolean } | null
}

/** The program's own layers, the uppermost first. */
const OWN = ['cases', 'components', 'addresses', 'duty_grids', 'unit_grids', 'areas'] as const
type Own = (typeof OWN)[number]
/** From which zoom they are drawn at all; the server's tiles begin earlier. */
const OWN_FROM: Record<Own, number> = {
  cases: 0,
  components: 6,
  addresses: 16,
  duty_grids: 10,
  unit_grids: 14,
  areas: 0,
}

function isOwn(code: string): code is Own {
  return (OWN as readonly string[]).includes(code)
}

type Plain = Record<string, unknown>

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const number = (value: unknown, otherwise: number) =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise
const plains = (value: unknown): Plain[] => (Array.isArray(value) ? value.filter(isPlain) : [])

function shapeOf(value: unknown): Shape | null {
  return value === 'point' || value === 'line' || value === 'polygon' ? value : null
}

function timeOf(given: Plain): MapLayer['time'] {
  const name = text(given.time_field)
  const found = plains(given.fields).find((each) => text(each.name) === name)
  return name && found ? { name, days: text(found.kind) === 'date' } : null
}

/** A layer as the server tells it. */
export function layerOf(given: Plain): MapLayer | null {
  const code = text(given.code)
  if (!code) return null
  const own = isOwn(code)
  const shape = shapeOf(given.shape)
  if (!own && !shape) return null
  return {
    code,
    name_zh: text(given.name_zh) || code,
    name_en: text(given.name_en),
    folder: own ? '' : text(given.folder),
    shape,
    style: own ? null : readStyle(given.style),
    legend: plains(given.legend).map((each) => ({
      zh: text(each.zh),
      en: text(each.en),
      color: text(each.color),
      shape: text(each.shape),
    })),
    minzoom: own ? OWN_FROM[code] : number(given.minzoom, 0),
    maxzoom: own ? 22 : number(given.maxzoom, 22),
    opacity: number(given.opacity, 1),
    visible: given.visible === true,
    fields: plains(given.fields).map((each) => ({
      name: text(each.name),
      zh: text(each.zh),
      en: text(each.en),
    })),
    // Cases have filters of their own; the registers' days say when something was entered.
    time: own ? null : timeOf(given),
  }
}

/** Program layers first, cases above all; then the departments' in the order of their folders. */
export function inOrder(layers: readonly MapLayer[]): MapLayer[] {
  const own = OWN.flatMap((code) => layers.find((layer) => layer.code === code) ?? [])
  return [...own, ...layers.filter((layer) => !isOwn(layer.code))]
}

export async function readLayers(signal?: AbortSignal): Promise<MapLayer[]> {
  const given: unknown = await (await send('/api/layers', { signal })).json()
  const listed = isPlain(given) ? given.items : []
  return inOrder(plains(listed).flatMap((each) => layerOf(each) ?? []))
}

/** What a person has changed of the tree; what it does not name is as the server says. */
export interface TreeChoice {
  folders: string[]
  order: string[]
  opacity: Record<string, number>
}

export const NO_CHOICE: TreeChoice = { folders: [], order: [], opacity: {} }

export function isTreeChoice(value: unknown): value is TreeChoice {
  if (!isPlain(value)) return false
  const texts = (list: unknown) =>
    Array.isArray(list) && list.every((each) => typeof each === 'string')
  return (
    texts(value.folders) &&
    texts(value.order) &&
    isPlain(value.opacity) &&
    Object.values(value.opacity).every((each) => typeof each === 'number' && each >= 0 && each <= 1)
  )
}

export interface Folder {
  name: string
  layers: MapLayer[]
}

/** `names` in the order of `wanted`; those it does not know stay where they are, at the end. */
function arranged<T>(things: readonly T[], nameOf: (thing: T) => string, wanted: string[]): T[] {
  const place = new Map(wanted.map((name, index) => [name, index]))
  const rank = (thing: T) => place.get(nameOf(thing)) ?? wanted.length
  return [...things].sort((a, b) => rank(a) - rank(b))
}

/** The tree from top to bottom, which is the order of drawing too: the first lies uppermost. */
export function treeOf(layers: readonly MapLayer[], choice: TreeChoice): Folder[] {
  const names = [...new Set(layers.map((layer) => layer.folder))]
  return arranged(names, (name) => name, choice.folders).map((name) => ({
    name,
    layers: arranged(
      layers.filter((layer) => layer.folder === name),
      (layer) => layer.code,
      choice.order,
    ),
  }))
}

function swapped(names: string[], name: string, by: -1 | 1): string[] {
  const at = names.indexOf(name)
  const other = names[at + by]
  if (at < 0 || other === undefined) return names
  return names.map((each) => (each === name ? other : each === other ? name : each))
}

/** The choice after a layer was moved up or down within its folder. */
export function layerMoved(
  tree: readonly Folder[],
  choice: TreeChoice,
  code: string,
  by: -1 | 1,
): TreeChoice {
  const order = tree.flatMap((folder) => {
    const codes = folder.layers.map((layer) => layer.code)
    return codes.includes(code) ? swapped(codes, code, by) : codes
  })
  return { ...choice, order }
}

export function folderMoved(
  tree: readonly Folder[],
  choice: TreeChoice,
  name: string,
  by: -1 | 1,
): TreeChoice {
  const folders = swapped(
    tree.map((folder) => folder.name),
    name,
    by,
  )
  return { ...choice, folders }
}

export function inScale(layer: MapLayer, zoom: number): boolean {
  return zoom >= layer.minzoom && zoom < layer.maxzoom + 1
}
