/**
 * Periods of evaluation as the server writes them: 2026, 2026H2, 2026Q4, 2026-11, 2026-W47 (ISO
 * week), 2026-11-20. Plain days of the calendar, no zone: where a day begins is the server's to say.
 */

export const SPANS = ['year', 'half_year', 'quarter', 'month', 'week', 'day'] as const
export type Span = (typeof SPANS)[number]

export interface Period {
  span: Span
  code: string
  /** Its first day (2026-11-01), and the first one after it. */
  first: string
  after: string
}

const FORMS: [Span, RegExp][] = [
  ['year', /^(\d{4})$/],
  ['half_year', /^(\d{4})H([12])$/],
  ['quarter', /^(\d{4})Q([1-4])$/],
  ['month', /^(\d{4})-(\d{2})$/],
  ['week', /^(\d{4})-W(\d{2})$/],
  ['day', /^(\d{4})-(\d{2})-(\d{2})$/],
]
const MONTHS = { year: 12, half_year: 6, quarter: 3, month: 1 }
const FIRST_YEAR = 1950
const LAST_YEAR = 2199
const DAY_MS = 86_400_000

/** The period that a text spells; null for anything else. */
export function parsePeriod(text: string | undefined): Period | null {
  for (const [span, form] of FORMS) {
    const match = form.exec(text ?? '')
    if (!match) continue
    const [year = 0, second = 1, third = 1] = match.slice(1).map(Number)
    if (year < FIRST_YEAR || year > LAST_YEAR) return null
    const day = dayIn(span, year, second, third)
    const period = day ? periodOf(span, day) : null
    // 2026-02-30 and week 53 of a year that has 52 would become something else.
    return period?.code === text ? period : null
  }
  return null
}

function dayIn(span: Span, year: number, part: number, day: number): string | null {
  if (span === 'week') return plus(mondayOfWeekOne(year), (part - 1) * 7)
  const month = span === 'day' ? part : (part - 1) * MONTHS[span] + 1
  return month >= 1 && month <= 12 ? writeDay(Date.UTC(year, month - 1, day)) : null
}

/** The period of this length that has the day. */
export function periodOf(span: Span, day: string): Period {
  if (span === 'day') return { span, code: day, first: day, after: plus(day, 1) }
  const date = new Date(`${day}T00:00:00Z`)
  if (span === 'week') {
    const first = plus(day, -((date.getUTCDay() + 6) % 7))
    const { year, week } = isoWeek(first)
    return { span, code: `${year}-W${two(week)}`, first, after: plus(first, 7) }
  }
  const length = MONTHS[span]
  const part = Math.floor(date.getUTCMonth() / length)
  const year = date.getUTCFullYear()
  const code = {
    year: `${year}`,
    half_year: `${year}H${part + 1}`,
    quarter: `${year}Q${part + 1}`,
    month: `${year}-${two(part + 1)}`,
  }[span]
  const first = writeDay(Date.UTC(year, part * length, 1))
  return { span, code, first, after: writeDay(Date.UTC(year, (part + 1) * length, 1)) }
}

export function previous(period: Period): Period {
  return periodOf(period.span, plus(period.first, -1))
}

export function following(period: Period): Period {
  return periodOf(period.span, period.after)
}

/** The same one of the year before; week 53 by the 52nd, 29 February by the 28th. */
export function yearBefore(period: Period): Period {
  const year = Number(period.code.slice(0, 4)) - 1
  const rest = period.code.slice(4)
  return (
    parsePeriod(`${year}${rest}`) ??
    periodOf(period.span, period.span === 'week' ? `${year}-12-24` : `${year}-02-28`)
  )
}

/** All periods of a length in a year, in order; days have no such list. */
export function periodsIn(span: Exclude<Span, 'day'>, year: number): Period[] {
  const found: Period[] = []
  let next = periodOf(span, span === 'week' ? mondayOfWeekOne(year) : `${year}-01-01`)
  while (next.code.startsWith(`${year}`)) {
    found.push(next)
    next = following(next)
  }
  return found
}

/** The lengths that a period can be divided into for a line: two points or more, at most 93. */
export function partsOf(span: Span): Span[] {
  const parts: Record<Span, Span[]> = {
    year: ['half_year', 'quarter', 'month', 'week'],
    half_year: ['quarter', 'month', 'week'],
    quarter: ['month', 'week', 'day'],
    month: ['week', 'day'],
    week: ['day'],
    day: [],
  }
  return parts[span]
}

/** The usual one of those. */
export function usualPart(span: Span): Span | null {
  const usual: Record<Span, Span | null> = {
    year: 'month',
    half_year: 'month',
    quarter: 'week',
    month: 'day',
    week: 'day',
    day: null,
  }
  return usual[span]
}

/** The year that a period is counted to: of a week, its ISO year. */
export function yearOf(period: Period): number {
  return Number(period.code.slice(0, 4))
}

function isoWeek(monday: string): { year: number; week: number } {
  const year = Number(plus(monday, 3).slice(0, 4))
  const since = Date.parse(monday) - Date.parse(mondayOfWeekOne(year))
  return { year, week: since / (7 * DAY_MS) + 1 }
}

/** The week with 4 January is the first one of its year. */
function mondayOfWeekOne(year: number): string {
  const fourth = `${String(year).padStart(4, '0')}-01-04`
  return plus(fourth, -((new Date(`${fourth}T00:00:00Z`).getUTCDay() + 6) % 7))
}

export function plus(day: string, days: number): string {
  return writeDay(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS)
}

function writeDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
