/** The panel of what happened last: rows of cases, the latest first, never more than fit. */
import type { CaseRow } from '../../api/overview'

export interface Happening {
  row: CaseRow
  /** When something happened to the case, milliseconds. */
  at: number
}

export const MOST = 12

/** One entry a case; a row that came with a newer time replaces the older one. */
export function merged(before: readonly Happening[], more: readonly Happening[]): Happening[] {
  const byCase = new Map(before.map((each) => [each.row.id, each]))
  for (const each of more) {
    const known = byCase.get(each.row.id)
    if (!known || known.at <= each.at) byCase.set(each.row.id, each)
  }
  return [...byCase.values()].sort((a, b) => b.at - a.at || b.row.id - a.row.id).slice(0, MOST)
}
