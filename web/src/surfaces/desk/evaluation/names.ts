/** What periods and posts are called. */
import { language } from '../../../app/language'
import { type Period, parsePeriod, plus, type Span, yearOf } from './period'
import { type Key, t } from './words'

const ROLES = [
  'collector',
  'acceptor',
  'shift_leader',
  'dispatcher',
  'department',
  'handler',
  'evaluator',
  'leader',
] as const

/** 2026年11月 / November 2026. */
export function periodName(period: Period): string {
  const year = String(yearOf(period))
  const part = Number(/(?:H|Q|-W?)(\d+)/.exec(period.code)?.[1] ?? 0)
  switch (period.span) {
    case 'year':
      return t('name_year', { year })
    case 'half_year':
      return t(part === 1 ? 'name_half_1' : 'name_half_2', { year })
    case 'quarter':
      return t(QUARTERS[part - 1] ?? 'name_quarter_1', { year })
    case 'week':
      return t('name_week', {
        year,
        week: String(part),
        from: period.first.slice(5),
        until: plus(period.after, -1).slice(5),
      })
    default:
      return calendar(period)
  }
}
const QUARTERS: Key[] = ['name_quarter_1', 'name_quarter_2', 'name_quarter_3', 'name_quarter_4']

function calendar(period: Period): string {
  return new Intl.DateTimeFormat(language() === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'long',
    ...(period.span === 'day' ? { day: 'numeric' } : {}),
  }).format(Date.parse(period.first))
}

/** On an axis: 11-20, W47, 11, Q4. */
export function axisName(code: string): string {
  const period = parsePeriod(code)
  if (!period) return code
  const rest = code.slice(4).replace(/^-/, '')
  if (period.span === 'month') {
    const style = { timeZone: 'UTC', month: 'short' } as const
    const tag = language() === 'zh' ? 'zh-CN' : 'en-GB'
    return new Intl.DateTimeFormat(tag, style).format(Date.parse(period.first))
  }
  return period.span === 'half_year' ? t(rest === 'H1' ? 'half_1' : 'half_2') : rest || code
}

const SPAN_KEYS: Record<Span, Key> = {
  year: 'span_year',
  half_year: 'span_half_year',
  quarter: 'span_quarter',
  month: 'span_month',
  week: 'span_week',
  day: 'span_day',
}
export function spanName(span: Span): string {
  return t(SPAN_KEYS[span])
}

/** The name of a post, 采集员; the code itself for one we do not know. */
export function roleName(role: string): string {
  const known = ROLES.find((each) => each === role)
  return known ? t(`role_${known}`) : role
}
