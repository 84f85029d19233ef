/** Tables of evaluation as the server would send them. */
import type { Cell, Dictionary, Row, Table } from '../../src/surfaces/desk/evaluation/table'

export function row(code: string, cell: Partial<Cell> = {}, role: string | null = null): Row {
  return {
    object: { code, name_zh: `名${code}`, name_en: `Name ${code}`, role, extents: {} },
    cells: [{ period: '2026-11', counts: {}, rates: {}, ...cell }],
  }
}

export function table(rows: Row[], total: Partial<Cell> = {}, kind = 'region'): Table {
  return {
    kind,
    zone: 'Asia/Shanghai',
    at: '2026-12-05T00:00:00Z',
    periods: [{ code: '2026-11', start: '2026-10-31T16:00:00Z', end: '2026-11-30T16:00:00Z' }],
    schemes: [],
    rows,
    total: row('', total),
  }
}

const ALL = ['region', 'department', 'post']

function measure(code: string) {
  const says = { says_zh: `${code}之义`, says_en: `meaning of ${code}` }
  return [
    code,
    { code, name_zh: `数${code}`, name_en: `count ${code}`, ...says, kinds: ALL, row: 'case' },
  ] as const
}

function rate(code: string, over: string[], under: string[], reverse = false) {
  const names = { name_zh: `率${code}`, name_en: `rate ${code}` }
  return [code, { code, ...names, over, under, reverse, kinds: ALL }] as const
}

export const DICTIONARY: Dictionary = {
  measures: new Map(
    [
      'reports',
      'handled',
      'should_handled',
      'handled_late',
      'handled_overdue',
      'operations',
      'timed_operations',
      'operations_in_time',
      'wrong_operations',
      'used_seconds',
      'filed',
    ].map(measure),
  ),
  rates: new Map([
    rate('late_rate', ['handled_late', 'handled_overdue'], ['should_handled'], true),
    rate('density_km2', ['filed'], ['km2'], true),
    rate('operation_in_time_rate', ['operations_in_time'], ['timed_operations']),
    rate('error_rate', ['wrong_operations'], ['operations'], true),
    rate('mean_seconds', ['used_seconds'], ['timed_operations'], true),
  ]),
}
