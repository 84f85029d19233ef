/** Rows in the order of the page, and what became of each since the other period. */
import { named } from '../../../app/language'
import { type EvaluationSearch, type Kind, POSTS } from './search'
import { type Cell, type Dictionary, figureOf, type Row, type Table } from './table'

/** The row of what belongs to no object: no place known, not dispatched. */
export const NOBODY = '-'

/** Columns until a person chooses. */
const USUAL: Record<Kind, string[]> = {
  region: [
    'reports',
    'filed',
    'handled',
    'handling_in_time_rate',
    'closed',
    'closing_rate',
    'closing_in_time_rate',
    'public_report_rate',
    'density_km2',
  ],
  department: [
    'should_handled',
    'handled',
    'handled_late',
    'handled_overdue',
    'handling_rate',
    'handling_in_time_rate',
    'rework_rate',
    'extension_rate',
    'overdue_rate',
  ],
  post: [
    'operations',
    'operation_in_time_rate',
    'error_rate',
    'mean_seconds',
    'collector_reports',
    'valid_report_rate',
    'grid_missed_rate',
    'task_verify_in_time_rate',
    'task_check_in_time_rate',
  ],
}

/** What the line draws when the picture shows scores. */
export const MAIN_RATE: Record<Kind, string> = {
  region: 'closing_in_time_rate',
  department: 'handling_in_time_rate',
  post: 'operation_in_time_rate',
}

/** The columns of the page: chosen ones, else the usual, else (another scheme) what that weighs. */
export function columnsOf(
  kind: Kind,
  search: EvaluationSearch,
  dictionary: Dictionary,
  weights: readonly string[] | undefined,
): string[] {
  const known = (code: string) =>
    [dictionary.measures.get(code), dictionary.rates.get(code)].some((each) =>
      each?.kinds.includes(kind),
    )
  const chosen = search.show?.filter(known)
  if (chosen?.length) return chosen
  if (!weights) return USUAL[kind].filter(known)
  const counts = weights.flatMap((code) => {
    const rate = dictionary.rates.get(code)
    return rate ? [...rate.under, ...rate.over] : []
  })
  return [...new Set([...counts, ...weights])].filter(known)
}

export function cellOf(row: Row): Cell {
  return row.cells[0] ?? { period: '', counts: {}, rates: {} }
}

/** Whether anything was counted. */
export function counted(row: Row): boolean {
  return Object.values(cellOf(row).counts).some((count) => count > 0)
}

/** Rows as the page shows them: by rank (people within their post) or by a column; rows without
 * a value come last, and what belongs to nobody after everything. */
export function inOrder(rows: readonly Row[], sort: string | undefined): Row[] {
  const down = sort?.startsWith('-')
  const code = sort?.replace(/^-/, '')
  const sign = down ? -1 : 1
  const compare = (a: Row, b: Row): number => {
    if (code === 'name') return sign * named(a.object).localeCompare(named(b.object))
    if (code) {
      return nullsLast(figureOf(cellOf(a), code), figureOf(cellOf(b), code), sign)
    }
    return (
      post(a) - post(b) ||
      nullsLast(cellOf(a).rank, cellOf(b).rank, 1) ||
      // Of those that share a place, whoever did more stands first.
      volume(b) - volume(a)
    )
  }
  return [...rows].sort(
    (a, b) => Number(a.object.code === NOBODY) - Number(b.object.code === NOBODY) || compare(a, b),
  )
}

function volume(row: Row): number {
  const { should_handled, operations, reports } = cellOf(row).counts
  return should_handled ?? operations ?? reports ?? 0
}

function post(row: Row): number {
  const place = (POSTS as readonly string[]).indexOf(row.object.role ?? '')
  return place < 0 ? POSTS.length : place
}

function nullsLast(a: number | null | undefined, b: number | null | undefined, sign: number) {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1
  if (b === null || b === undefined) return -1
  return sign * (a - b)
}

/** Since the other period: places won (negative: lost) and points of the score; null where either
 * period had none. */
export interface Change {
  places: number | null
  points: number | null
}

export function changeOf(cell: Cell, other: Cell | undefined): Change {
  const difference = (now?: number | null, then?: number | null) =>
    now === null || now === undefined || then === null || then === undefined ? null : now - then
  const places = difference(other?.rank, cell.rank)
  return { places, points: difference(cell.score, other?.score) }
}

export function cellsByCode(rows: readonly Row[] | undefined): Map<string, Cell> {
  return new Map((rows ?? []).map((row) => [row.object.code, cellOf(row)]))
}

/** How many parts of a period lie before the first that counted anything: the data began there. */
export function emptyHead(table: Table | null | undefined): number {
  const cells = table?.rows.map((row) => row.cells) ?? []
  if (table?.total) cells.push(table.total.cells)
  const first = (table?.periods ?? []).findIndex((_, n) =>
    cells.some((each) => Object.values(each[n]?.counts ?? {}).some((count) => count > 0)),
  )
  return Math.max(0, first)
}

/** Lines that lie on one another from end to end: only the last drawn is seen. */
export function alike(lines: readonly { name: string; values: readonly unknown[] }[]): string[] {
  const shape = (line: { values: readonly unknown[] }) => JSON.stringify(line.values)
  return lines
    .filter((line) => lines.some((each) => each !== line && shape(each) === shape(line)))
    .map((line) => line.name)
}
