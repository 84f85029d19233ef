/** Is today a usual day? What came in so far against the same weekdays before. */
import type { Hour, Overview } from '../../api/overview'

export interface Verdict {
  kind: 'usual' | 'more' | 'less' | 'unknown'
  /** What the norm expects by now. */
  expected: number | null
  /** Received over expected, less one; null where nothing was expected. */
  deviation: number | null
}

/**
 * `minute` is how far the running hour is. A difference is worth a word when it is both above a
 * fifth and larger than chance: counts of rare events spread by about their square root.
 */
export function verdict(hours: readonly Hour[], received: number, minute: number): Verdict {
  if (hours.every((hour) => hour.norm === null)) {
    return { kind: 'unknown', expected: null, deviation: null }
  }
  const past = hours.filter((hour) => hour.today !== null)
  let expected = 0
  for (const [index, hour] of past.entries()) {
    const share = index === past.length - 1 ? minute / 60 : 1
    expected += (hour.norm ?? 0) * share
  }
  const difference = received - expected
  const chance = 2 * Math.sqrt(Math.max(expected, 1))
  const worth = Math.abs(difference) > Math.max(expected * 0.2, chance)
  const deviation = expected > 0 ? received / expected - 1 : null
  if (!worth) return { kind: 'usual', expected, deviation }
  return { kind: difference > 0 ? 'more' : 'less', expected, deviation }
}

/** The city's numbers less those of its districts: cases whose place is not known yet. */
export function outside({
  today,
  open,
  districts,
}: Pick<Overview, 'today' | 'open' | 'districts'>) {
  const sum = (of: (row: Overview['districts'][number]) => number) =>
    districts.reduce((before, row) => before + of(row), 0)
  return {
    open: open.total - sum((row) => row.open),
    overdue: open.overdue - sum((row) => row.overdue),
    received: today.received - sum((row) => row.received_today),
  }
}
