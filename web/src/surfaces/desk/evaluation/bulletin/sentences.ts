/** What the numbers say, in fixed sentences. A sentence without its numbers is left out. */
import { named } from '../../../../app/language'
import { share, whole } from '../../../../app/numbers'
import { cellOf, counted } from '../ranking'
import { type Cell, type Dictionary, type Row, score } from '../table'
import { t } from '../words'
import {
  judged,
  lateOf,
  latest,
  pointsOf,
  postsOf,
  rateOf,
  type Tables,
  totalOf,
  unfinished,
} from './facts'

/** As many names as a sentence bears. */
const NAMES = 3

export function sentences(tables: Tables, dictionary: Dictionary): string[] {
  const now = totalOf(tables.regions)
  const then = totalOf(tables.regionsBefore)
  return [
    ...received(now, then, unfinished(tables.regions)),
    ...inTime(now, then),
    ...troubles(now),
    ...regions(tables),
    ...departments(tables),
    ...posts(tables, dictionary),
    ...citizens(now),
  ]
}

function received(now: Cell, then: Cell, running: boolean): string[] {
  const { reports, public_reports, collector_reports, filed, handled, closed } = now.counts
  if (!reports) return [t('s_nothing')]
  const said = [
    t('s_received', {
      reports,
      public: public_reports ?? 0,
      collector: collector_reports ?? 0,
      filed: filed ?? 0,
      handled: handled ?? 0,
      closed: closed ?? 0,
    }),
  ]
  const before = then.counts.reports
  // A part of a period is not compared with a whole one.
  if (!running && before) {
    const change = reports / before - 1
    const key = change > 0 ? 's_more' : change < 0 ? 's_fewer' : 's_as_many'
    said.push(t(key, { before, change: share(Math.abs(change)) }))
  }
  return said
}

function inTime(now: Cell, then: Cell): string[] {
  const said: string[] = []
  const handling = now.rates.handling_in_time_rate
  if (handling != null) {
    said.push(
      t('s_handling', {
        should: now.counts.should_handled ?? 0,
        rate: share(handling),
        change: since(pointsOf(now, then, 'handling_in_time_rate')),
      }),
    )
  }
  const closing = now.rates.closing_in_time_rate
  if (closing != null) {
    said.push(
      t('s_closing', {
        should: now.counts.should_closed ?? 0,
        rate: share(closing),
        change: since(pointsOf(now, then, 'closing_in_time_rate')),
      }),
    )
  }
  return said
}

/** The end of a sentence about a rate; nothing where there was none before. */
function since(points: number | null): string {
  if (points === null) return ''
  if (points === 0) return t('s_rate_same')
  return t(points > 0 ? 's_rate_up' : 's_rate_down', { points: score(Math.abs(points)) })
}

function troubles(now: Cell): string[] {
  const { should_handled, handled_late, handled_overdue, reworked, extended, suspended } =
    now.counts
  if (!should_handled) return []
  return [
    t('s_troubles', {
      late: handled_late ?? 0,
      overdue: handled_overdue ?? 0,
      reworked: reworked ?? 0,
      extended: extended ?? 0,
      suspended: suspended ?? 0,
    }),
  ]
}

function regions(tables: Tables): string[] {
  const order = judged(tables.regions.rows)
  if (order.length < 2) return []
  const best = order.slice(0, Math.min(NAMES, order.length - 1))
  const worst = order.slice(Math.max(best.length, order.length - NAMES)).reverse()
  return [t('s_regions', { best: scored(best), worst: scored(worst) })]
}

function departments(tables: Tables): string[] {
  const busy = tables.departments.rows.filter(counted)
  const order = judged(tables.departments.rows)
  if (order.length === 0) return []
  const full = order.filter((row) => cellOf(row).score === 100).length
  const said = [
    t('s_departments', { count: busy.length, judged: order.length }) +
      (full > NAMES
        ? t('s_departments_full', { count: full })
        : t('s_departments_best', { best: scored(order.slice(0, NAMES)) })),
  ]
  const late = latest(tables.departments.rows, NAMES)
  if (late.length) {
    const names = late.map((row) =>
      t('name_and_count', { name: named(row.object), count: lateOf(cellOf(row)) }),
    )
    said.push(t('s_late', { names: names.join(t('list_comma')) }))
  }
  return said
}

function posts(tables: Tables, dictionary: Dictionary): string[] {
  const all = postsOf(tables.posts, 0)
  const people = all.reduce((total, post) => total + post.people, 0)
  if (people === 0) return []
  const counts: Record<string, number> = {}
  for (const post of all) {
    for (const [code, count] of Object.entries(post.counts)) {
      counts[code] = (counts[code] ?? 0) + count
    }
  }
  const rate = rateOf(dictionary, counts, 'operation_in_time_rate')
  const errors = rateOf(dictionary, counts, 'error_rate')
  return [
    t('s_posts', { people, operations: counts.operations ?? 0 }) +
      (rate === null ? '' : t('s_posts_rate', { rate: share(rate) })) +
      (errors === null ? '' : t('s_posts_errors', { rate: share(errors) })) +
      t('stop'),
  ]
}

function citizens(now: Cell): string[] {
  const { visits, reached } = now.counts
  if (!visits) return []
  const said = t('s_visits', { visits, reached: reached ?? 0 })
  if (!reached) return [said + t('stop')]
  return [
    said +
      t('s_satisfied', {
        answered: share(now.rates.answered_rate ?? null),
        solved: share(now.rates.solved_rate ?? null),
        satisfied: share(now.rates.satisfied_rate ?? null),
      }),
  ]
}

function scored(rows: readonly Row[]): string {
  return rows
    .map((row) =>
      t('name_and_score', { name: named(row.object), score: score(cellOf(row).score ?? 0) }),
    )
    .join(t('list_comma'))
}

export function figure(value: number | undefined): string {
  return whole(value ?? 0)
}
