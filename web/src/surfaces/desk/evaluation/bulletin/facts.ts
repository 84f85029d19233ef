/** The numbers of a bulletin, taken from the tables; nothing is estimated, what is unknown is null. */
import { cellOf, NOBODY } from '../ranking'
import { POSTS } from '../search'
import type { Cell, Dictionary, Rate, Row, Table } from '../table'

export interface Tables {
  regions: Table
  regionsBefore: Table
  departments: Table
  departmentsBefore: Table
  posts: Table
}

/** Those that have a score, the best first. */
export function judged(rows: readonly Row[]): Row[] {
  return rows
    .filter((row) => row.object.code !== NOBODY && cellOf(row).rank != null)
    .sort((a, b) => (cellOf(a).rank ?? 0) - (cellOf(b).rank ?? 0) || volume(b) - volume(a))
}

function volume(row: Row): number {
  const { should_handled, operations, reports } = cellOf(row).counts
  return should_handled ?? operations ?? reports ?? 0
}

/** Whether the period was still running when this was counted. */
export function unfinished(table: Table): boolean {
  return table.periods.some((each) => Date.parse(each.end) > Date.parse(table.at))
}

export function totalOf(table: Table): Cell {
  return table.total ? cellOf(table.total) : { period: '', counts: {}, rates: {} }
}

/** How a rate changed, in points of a hundred to one decimal; null where either is unknown. */
export function pointsOf(now: Cell, then: Cell, code: string): number | null {
  const [a, b] = [now.rates[code], then.rates[code]]
  return a == null || b == null ? null : Math.round((a - b) * 1000) / 10
}

/** Handled late or still not handled, late. */
export function lateOf(cell: Cell): number {
  return (cell.counts.handled_late ?? 0) + (cell.counts.handled_overdue ?? 0)
}

/** Whoever has most late, most first; equal ones by what they had to do. */
export function latest(rows: readonly Row[], most: number): Row[] {
  return rows
    .filter((row) => row.object.code !== NOBODY && lateOf(cellOf(row)) > 0)
    .sort((a, b) => lateOf(cellOf(b)) - lateOf(cellOf(a)) || volume(b) - volume(a))
    .slice(0, most)
}

/** A post: everybody in it together. */
export interface Post {
  role: string
  people: number
  counts: Record<string, number>
  best: Row[]
}

export function postsOf(table: Table, most: number): Post[] {
  return POSTS.map((role) => {
    const rows = table.rows.filter((row) => row.object.role === role && active(row))
    const counts: Record<string, number> = {}
    for (const row of rows) {
      for (const [code, count] of Object.entries(cellOf(row).counts)) {
        counts[code] = (counts[code] ?? 0) + count
      }
    }
    return { role, people: rows.length, counts, best: judged(rows).slice(0, most) }
  }).filter((post) => post.people > 0)
}

function active(row: Row): boolean {
  return Object.values(cellOf(row).counts).some((count) => count > 0)
}

/** A rate of counts that were summed; 0/0 is null, as the server has it. */
export function quotient(counts: Record<string, number>, rate: Rate | undefined): number | null {
  const sum = (codes: string[]) => codes.reduce((total, code) => total + (counts[code] ?? 0), 0)
  const under = rate ? sum(rate.under) : 0
  return rate && under ? sum(rate.over) / under : null
}

export function rateOf(dictionary: Dictionary, counts: Record<string, number>, code: string) {
  return quotient(counts, dictionary.rates.get(code))
}
