/**
 * What a list of cases may be narrowed by. The address of the page is its state: these are its
 * names and values, and what they become in questions to the server.
 */

import { isDay, startOf } from '../../../app/days'
import { STATES } from '../../../app/phase'
import { listOf, textOf } from '../search'

/** Which part of the cases' life: in hand (the default), ended, or both. */
export type Part = 'open' | 'closed' | 'all'
export type Order = 'new' | 'due'

export interface CaseSearch {
  part?: Exclude<Part, 'open'>
  state?: string[]
  area?: string[]
  matter?: string[]
  department?: string[]
  channel?: string[]
  urgency?: 'urgent' | 'normal'
  overdue?: 'true'
  waiting?: 'true'
  mine?: 'true'
  /** First and last day of reporting, on the city's calendar. */
  from?: string
  until?: string
  text?: string
  /** west,south,east,north: only what the map shows. */
  bbox?: string
  order?: Exclude<Order, 'new'>
  cursor?: string
  /** The case that lies open beside the list. */
  case?: string
}

const LISTS = ['state', 'area', 'matter', 'department', 'channel'] as const
const FLAGS = ['overdue', 'waiting', 'mine'] as const

export const CHANNELS = [
  'citizen',
  'hotline',
  'collector',
  'open311',
  'alarm',
  'video',
  'superior',
  'leader',
  'media',
  'import',
] as const

/** Whatever stands in an address, as a filter; what means nothing is left out. */
export function readSearch(search: Record<string, unknown>): CaseSearch {
  const read: CaseSearch = {}
  const part = textOf(search.part)
  if (part === 'closed' || part === 'all') read.part = part
  for (const name of LISTS) {
    const values = [...new Set(listOf(search[name]))].slice(0, 200)
    if (values.length) read[name] = values
  }
  if (read.state) {
    const known = read.state.filter((state) => (STATES as string[]).includes(state))
    if (known.length) read.state = known
    else delete read.state
  }
  for (const name of FLAGS) if (textOf(search[name]) === 'true') read[name] = 'true'
  const urgency = textOf(search.urgency)
  if (urgency === 'urgent' || urgency === 'normal') read.urgency = urgency
  const [from, until] = [textOf(search.from), textOf(search.until)]
  if (isDay(from)) read.from = from
  if (isDay(until)) read.until = until
  const text = textOf(search.text)?.trim().slice(0, 200)
  if (text) read.text = text
  const bbox = textOf(search.bbox)
  if (bbox && boundsOf(bbox)) read.bbox = bbox
  if (textOf(search.order) === 'due') read.order = 'due'
  const cursor = textOf(search.cursor)
  if (cursor) read.cursor = cursor
  const open = textOf(search.case)
  if (open && /^[1-9]\d{0,17}$/.test(open)) read.case = open
  return read
}

export type Bounds = [west: number, south: number, east: number, north: number]

export function boundsOf(text: string | undefined): Bounds | null {
  const numbers = (text ?? '').split(',').map(Number)
  const [west = Number.NaN, south = Number.NaN, east = Number.NaN, north = Number.NaN] = numbers
  const whole = numbers.length === 4 && west < east && south < north
  return whole && west >= -180 && east <= 180 && south >= -90 && north <= 90
    ? [west, south, east, north]
    : null
}

/** About a metre: an address that stays the same while the map stands still. */
export function writeBounds(bounds: Bounds): string {
  return bounds.map((degrees) => degrees.toFixed(5)).join(',')
}

/** The filter of an address without the place in the list: page, open case, order. */
export function filterOf(search: CaseSearch): CaseSearch {
  const { cursor, case: open, order, ...filter } = search
  return filter
}

/** How many things narrow the list, beside the part of life and the map. */
export function narrowings(search: CaseSearch): number {
  const { part, bbox, ...rest } = filterOf(search)
  return Object.keys(rest).length
}

function narrowed(search: CaseSearch): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of LISTS) for (const value of search[name] ?? []) query.append(name, value)
  for (const name of FLAGS) if (search[name]) query.set(name, 'true')
  if (search.urgency) query.set('urgency', search.urgency)
  if (search.from) query.set('reported_from', startOf(search.from))
  if (search.until) query.set('reported_until', startOf(search.until, 1))
  if (search.text) query.set('text', search.text)
  return query
}

/** Query string of the rows' question, of the total, and of an export. */
export function listQuery(search: CaseSearch): URLSearchParams {
  const query = narrowed(search)
  if (!search.state && search.part !== 'all') query.set('open', String(search.part !== 'closed'))
  if (search.bbox) query.set('bbox', search.bbox)
  if (search.order) query.set('order', search.order)
  return query
}

/** Of the counts by state: of all open states, whichever are chosen. */
export function countsQuery(search: CaseSearch): URLSearchParams {
  const query = narrowed({ ...search, state: undefined })
  if (search.bbox) query.set('bbox', search.bbox)
  query.set('open', 'true')
  return query
}

/** Of the map's tiles: they know neither page nor bounds. */
export function tileQuery(search: CaseSearch): string {
  const query = narrowed(search)
  if (!search.state && search.part) {
    query.set('open', search.part === 'all' ? 'all' : 'false')
  }
  return query.toString()
}
