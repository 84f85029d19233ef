/**
 * Domain events gathered into questions: at most one a second, however many events come. What a
 * list does with a changed case depends on whether it shows it and whether the filter leaves it.
 */
import type { CaseRow } from './rows'

/** Cases that changed since the last question; the oldest are forgotten beyond `most`. */
export class Changes {
  private ids = new Set<number>()

  constructor(private readonly most = 200) {}

  add(id: number): void {
    this.ids.delete(id)
    this.ids.add(id)
    if (this.ids.size <= this.most) return
    const oldest = this.ids.values().next().value
    if (oldest !== undefined) this.ids.delete(oldest)
  }

  get waiting(): boolean {
    return this.ids.size > 0
  }

  take(): number[] {
    const taken = [...this.ids]
    this.ids.clear()
    return taken
  }
}

export interface Sorted {
  /** On the page and still in the list. */
  changed: CaseRow[]
  /** On the page, but the filter no longer leaves them. */
  left: number[]
  /** In the list, but not on the page. */
  fresh: number[]
}

/** `matching`: those of the changed cases that the filter leaves. */
export function sortChanges(
  asked: readonly number[],
  shown: ReadonlySet<number>,
  matching: readonly CaseRow[],
): Sorted {
  const kept = new Set(matching.map((row) => row.id))
  return {
    changed: matching.filter((row) => shown.has(row.id)),
    left: asked.filter((id) => shown.has(id) && !kept.has(id)),
    fresh: matching.filter((row) => !shown.has(row.id)).map((row) => row.id),
  }
}

/** The rows with newer ones in their places; an older answer never replaces a newer row. */
export function replaced(rows: readonly CaseRow[], newer: readonly CaseRow[]): CaseRow[] {
  const byId = new Map(newer.map((row) => [row.id, row]))
  return rows.map((row) => {
    const other = byId.get(row.id)
    return other && other.version >= row.version ? other : row
  })
}
