/** What the evaluation page shows, as it stands in its address; and what it asks the server for. */
import { today } from '../../../app/days'
import { CHANNELS } from '../list/filters'
import { listOf, textOf } from '../search'
import { type Period, parsePeriod, partsOf, periodOf, SPANS, type Span, usualPart } from './period'

export const KINDS = ['region', 'department', 'post'] as const
export type Kind = (typeof KINDS)[number]
export const LEVELS = ['city', 'district', 'street', 'community'] as const
export type Level = (typeof LEVELS)[number]
export const POSTS = ['acceptor', 'shift_leader', 'dispatcher', 'collector', 'handler'] as const

/** The most lines that one picture can tell apart. */
export const MOST_PINNED = 5

export interface EvaluationSearch {
  kind?: Exclude<Kind, 'region'>
  period?: string
  level?: Exclude<Level, 'district'>
  scheme?: string
  area?: string[]
  department?: string[]
  matter?: string[]
  channel?: string[]
  role?: string[]
  origin?: 'live' | 'import'
  repeats?: 'true'
  /** What the numbers are compared with; otherwise with the period before. */
  against?: 'year' | 'none'
  /** Rows without any number too. */
  all?: 'true'
  /** A column, with `-` before it from the largest down; otherwise by rank. */
  sort?: string
  /** The columns, when they are not the usual ones. */
  show?: string[]
  /** What the charts draw; otherwise the score. */
  chart?: string
  charts?: 'hidden'
  series?: Span
  /** Objects whose line is drawn. */
  pin?: string[]
  /** The number that is opened: its column, the object (`*` the total), and which count of a rate. */
  look?: string
  of?: string
  part?: string
  /** The schemes beside the page: their list, a new one, or the code of one. */
  schemes?: string
}

const CODE = /^-?[a-z][a-z0-9_]{0,59}$/

/** Whatever stands in an address; what means nothing is left out. */
export function readEvaluation(search: Record<string, unknown>): EvaluationSearch {
  const read: EvaluationSearch = {}
  const kind = textOf(search.kind)
  if (kind === 'department' || kind === 'post') read.kind = kind
  const period = parsePeriod(textOf(search.period))
  if (period) read.period = period.code
  const level = textOf(search.level)
  if (level === 'city' || level === 'street' || level === 'community') read.level = level
  for (const name of ['area', 'department', 'matter', 'pin'] as const) {
    const values = [...new Set(listOf(search[name]))].slice(0, name === 'pin' ? MOST_PINNED : 200)
    if (values.length) read[name] = values
  }
  const channels = listOf(search.channel).filter((each) =>
    (CHANNELS as readonly string[]).includes(each),
  )
  if (channels.length) read.channel = [...new Set(channels)]
  const roles = POSTS.filter((each) => listOf(search.role).includes(each))
  if (roles.length) read.role = roles
  const origin = textOf(search.origin)
  if (origin === 'live' || origin === 'import') read.origin = origin
  for (const name of ['repeats', 'all'] as const) {
    if (textOf(search[name]) === 'true') read[name] = 'true'
  }
  const against = textOf(search.against)
  if (against === 'year' || against === 'none') read.against = against
  if (textOf(search.charts) === 'hidden') read.charts = 'hidden'
  for (const name of ['sort', 'chart', 'look', 'part'] as const) {
    const value = textOf(search[name])
    if (value && CODE.test(value)) read[name] = value
  }
  const shown = [...new Set(listOf(search.show))].filter((each) => CODE.test(each)).slice(0, 120)
  if (shown.length) read.show = shown
  const series = SPANS.find((each) => each === textOf(search.series))
  if (series) read.series = series
  for (const name of ['of', 'scheme', 'schemes'] as const) {
    const value = textOf(search[name])?.slice(0, 200)
    if (value) read[name] = value
  }
  return read
}

export function kindOf(search: EvaluationSearch): Kind {
  return search.kind ?? 'region'
}

/** The period of an address; this month without one. */
export function wantedPeriod(search: { period?: string }, day = today()): Period {
  return parsePeriod(search.period) ?? periodOf('month', day)
}

/** Into which parts the line divides the period; null for a day. */
export function wantedSeries(search: EvaluationSearch, period: Period): Span | null {
  const wanted = search.series
  return wanted && partsOf(period.span).includes(wanted) ? wanted : usualPart(period.span)
}

export interface TableQuery {
  period: string
  level?: Level
  area?: string[]
  department?: string[]
  matter?: string[]
  channel?: string[]
  role?: string[]
  origin?: 'live' | 'import'
  repeats?: boolean
  scheme?: string
  series?: Span
  at?: string
}

/** The question of the table; also of its rows and files. A kind is asked only what it knows. */
export function tableQuery(search: EvaluationSearch, period: Period): TableQuery {
  const kind = kindOf(search)
  return {
    period: period.code,
    ...(kind === 'region' ? { level: search.level ?? 'district' } : {}),
    ...(search.area ? { area: search.area } : {}),
    ...(search.department ? { department: search.department } : {}),
    ...(search.matter ? { matter: search.matter } : {}),
    ...(search.channel ? { channel: search.channel } : {}),
    ...(kind === 'post' && search.role ? { role: search.role } : {}),
    ...(search.origin ? { origin: search.origin } : {}),
    ...(search.repeats && kind !== 'post' ? { repeats: true } : {}),
    ...(search.scheme ? { scheme: search.scheme } : {}),
  }
}

/** How many things narrow the counted cases. */
export function narrowings(search: EvaluationSearch): number {
  const { area, department, matter, channel, role, origin } = search
  return [area, department, matter, channel, role, origin].filter(Boolean).length
}

/** What belongs to one kind only and means something else, or nothing, for another. */
export function withKind(search: EvaluationSearch, kind: Kind): EvaluationSearch {
  const { scheme, sort, show, chart, pin, look, of, part, role, level, ...rest } = search
  return { ...rest, kind: kind === 'region' ? undefined : kind }
}
