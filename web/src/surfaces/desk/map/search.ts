/**
 * The address of the map: where it looks, what is switched on, which tool is in hand and what was
 * marked with it. A link opens the same map; the filters of cases are named as in their list.
 */
import { isDay, startOf } from '../../../app/days'
import type { View } from '../../../map/blank'
import type { Place } from '../../../map/CityMap'
import { type CaseSearch, listQuery, readSearch, tileQuery } from '../list/filters'
import { textOf } from '../search'

export const TOOLS = [
  'identify',
  'measure',
  'draw',
  'select',
  'nearest',
  'density',
  'compare',
  'print',
] as const
export type Tool = (typeof TOOLS)[number]
export const SHADES = ['n', 'open', 'repeat_rate', 'per_km2'] as const
export type Shade = (typeof SHADES)[number]

export interface MapSearch
  extends Omit<CaseSearch, 'bbox' | 'order' | 'cursor' | 'case' | 'waiting' | 'mine'> {
  /** lon,lat,zoom */
  at?: string
  /** Codes of layers that are switched on, or `none`; absent: what the layers say themselves. */
  on?: string
  tool?: Exclude<Tool, 'identify'>
  /** The place that was asked about: lon,lat. */
  point?: string
  /** The outline of a selection: lon,lat;lon,lat;… */
  within?: string
  /** Or the code of the area that is selected. */
  ground?: string
  /** Days by which the window of time is moved. */
  step?: '7'
  /** Cells of the density: `unit_grid`, or the resolution of H3. */
  cells?: string
  shade?: Exclude<Shade, 'n'>
  /** Class of the components nearest to `point`. */
  kind?: string
  /** How far they are: in a straight line unless said. */
  by?: 'road'
  /** The other side of a comparison: layers and window of time. */
  other?: string
  from2?: string
  until2?: string
}

/** The places of the tools that mark something. */
export function placeOf(text: string | undefined): Place | null {
  const numbers = (text ?? '').split(',').map(Number)
  const [lon = Number.NaN, lat = Number.NaN] = numbers
  return numbers.length === 2 && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null
}

/** About a decimetre. */
export function writePlace([lon, lat]: Place): string {
  return `${lon.toFixed(6)},${lat.toFixed(6)}`
}

/** At most as many corners as the server takes in an address. */
const MOST_CORNERS = 200

export function ringOf(text: string | undefined): Place[] | null {
  const corners = (text ?? '').split(';').map(placeOf)
  const ring = corners.filter((corner) => corner !== null)
  return ring.length === corners.length && ring.length >= 3 && ring.length <= MOST_CORNERS
    ? ring
    : null
}

export function writeRing(ring: readonly Place[]): string {
  return ring.map(writePlace).join(';')
}

export function viewOf(text: string | undefined): View | null {
  const [lon = Number.NaN, lat = Number.NaN, zoom = Number.NaN] = (text ?? '')
    .split(',')
    .map(Number)
  const known = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 22
  return known ? { lon, lat, zoom } : null
}

export function writeView({ lon, lat, zoom }: View): string {
  return `${lon.toFixed(5)},${lat.toFixed(5)},${zoom.toFixed(2)}`
}

const CODES = /^[a-z0-9_,-]{1,2000}$/

/** Codes of layers; null where the address does not say. */
export function codesOf(text: string | undefined): string[] | null {
  if (text === undefined) return null
  return text === 'none' ? [] : text.split(',').filter(Boolean)
}

export function writeCodes(codes: readonly string[]): string {
  return codes.length ? codes.join(',') : 'none'
}

export function readMap(search: Record<string, unknown>): MapSearch {
  const { bbox, order, cursor, case: open, waiting, mine, ...cases } = readSearch(search)
  const read: MapSearch = cases
  const at = viewOf(textOf(search.at))
  if (at) read.at = writeView(at)
  for (const name of ['on', 'other'] as const) {
    const codes = textOf(search[name])
    if (codes && CODES.test(codes)) read[name] = codes
  }
  const tool = TOOLS.find((each) => each === textOf(search.tool))
  if (tool && tool !== 'identify') read.tool = tool
  const point = placeOf(textOf(search.point))
  if (point) read.point = writePlace(point)
  const ring = ringOf(textOf(search.within))
  if (ring) read.within = writeRing(ring)
  const ground = textOf(search.ground)
  if (ground && !ring && /^[0-9A-Za-z_-]{1,64}$/.test(ground)) read.ground = ground
  if (textOf(search.step) === '7') read.step = '7'
  const cells = textOf(search.cells)
  if (cells && /^(unit_grid|[5-9]|10)$/.test(cells)) read.cells = cells
  const shade = SHADES.find((each) => each === textOf(search.shade))
  if (shade && shade !== 'n') read.shade = shade
  const kind = textOf(search.kind)
  if (kind && /^[0-9A-Za-z-]{1,20}$/.test(kind)) read.kind = kind
  if (textOf(search.by) === 'road') read.by = 'road'
  for (const name of ['from2', 'until2'] as const) {
    const day = textOf(search[name])
    if (isDay(day)) read[name] = day
  }
  return read
}

/** The part of the address that narrows cases. */
export function casesOf(search: MapSearch): CaseSearch {
  const {
    at,
    on,
    tool,
    point,
    within,
    ground,
    step,
    cells,
    shade,
    kind,
    by,
    other,
    from2,
    until2,
    ...cases
  } = search
  return cases
}

/** Query string of the tiles of cases; of the other side of a comparison. */
export function caseTiles(search: MapSearch, other = false): string {
  const cases = casesOf(search)
  return tileQuery(other ? { ...cases, from: search.from2, until: search.until2 } : cases)
}

/**
 * What the tiles of a layer with a time field are asked for: the slider's days on the city's
 * calendar, both included.
 */
export function layerTime(search: MapSearch, days: boolean, other = false): string {
  const [from, until] = other ? [search.from2, search.until2] : [search.from, search.until]
  if (!from && !until) return ''
  const end = until && new Date(Date.parse(startOf(until, 1)) - 1).toISOString()
  const [first, last] = days ? [from, until] : [from && startOf(from), end]
  return new URLSearchParams({ datetime: `${first || '..'}/${last || '..'}` }).toString()
}

/** Query string of cases in lists, counts and exports; of the selection where it is asked for. An
 * area that is selected stands in place of those that the list is narrowed to. */
export function caseQuery(search: MapSearch, selected = false): URLSearchParams {
  const query = listQuery(casesOf(search))
  if (selected && search.within) query.set('within', search.within)
  if (selected && search.ground) query.set('area', search.ground)
  return query
}
