import { beforeAll, describe, expect, test } from 'vitest'
import { speak } from '../../src/app/language'
import {
  alike,
  changeOf,
  columnsOf,
  counted,
  emptyHead,
  inOrder,
  NOBODY,
} from '../../src/surfaces/desk/evaluation/ranking'
import {
  countsBehind,
  definition,
  figureOf,
  writeValue,
} from '../../src/surfaces/desk/evaluation/table'
import { DICTIONARY, row } from './made'

beforeAll(() => speak('zh'))

const codes = (rows: { object: { code: string } }[]) => rows.map((each) => each.object.code)

describe('the order of rows', () => {
  const rows = [
    row(NOBODY, { counts: { reports: 99 } }),
    row('c', { rank: 2, score: 80, counts: { reports: 3 } }),
    row('x', { rank: null, counts: { reports: 7 } }),
    row('a', { rank: 1, score: 90, counts: { reports: 1 } }),
    row('b', { rank: 2, score: 80, counts: { reports: 5 } }),
  ]

  test('by rank; of equal ones who did more; without a rank later; nobody last', () => {
    expect(codes(inOrder(rows, undefined))).toEqual(['a', 'b', 'c', 'x', NOBODY])
  })

  test('by a column either way, what has no value after what has', () => {
    expect(codes(inOrder(rows, '-reports'))).toEqual(['x', 'b', 'c', 'a', NOBODY])
    expect(codes(inOrder(rows, 'reports'))).toEqual(['a', 'c', 'b', 'x', NOBODY])
    expect(codes(inOrder(rows, 'score'))).toEqual(['c', 'b', 'a', 'x', NOBODY])
  })

  test('people stand by their post, for they are ranked within it', () => {
    const people = [
      row('h', { rank: 1 }, 'handler'),
      row('s', { rank: 1 }, 'shift_leader'),
      row('a2', { rank: 2 }, 'acceptor'),
      row('a1', { rank: 1 }, 'acceptor'),
    ]
    expect(codes(inOrder(people, undefined))).toEqual(['a1', 'a2', 's', 'h'])
  })

  test('a row of zeros has no business', () => {
    expect(counted(row('a', { counts: { reports: 0 } }))).toBe(false)
    expect(counted(row('a', { counts: { reports: 0, filed: 1 } }))).toBe(true)
  })
})

describe('what changed', () => {
  const cell = (rank: number | null, score: number | null) => row('a', { rank, score }).cells[0]

  test('places won are positive; nothing is said where one side is unknown', () => {
    const now = cell(2, 81.5)
    expect(now && changeOf(now, cell(5, 80))).toEqual({ places: 3, points: 1.5 })
    expect(now && changeOf(now, cell(1, 90))).toEqual({ places: -1, points: -8.5 })
    expect(now && changeOf(now, undefined)).toEqual({ places: null, points: null })
    expect(now && changeOf(now, cell(null, null))).toEqual({ places: null, points: null })
  })
})

describe('numbers and their meaning', () => {
  test('each is written by what it is', () => {
    expect(writeValue(DICTIONARY, 'reports', 1204)).toBe('1,204')
    expect(writeValue(DICTIONARY, 'late_rate', 0.0345)).toBe('3.5%')
    expect(writeValue(DICTIONARY, 'late_rate', null)).toBe('—')
    expect(writeValue(DICTIONARY, 'mean_seconds', 3720)).toBe('1 小时 2 分')
    expect(writeValue(DICTIONARY, 'density_km2', 0.316)).toBe('0.32')
    expect(writeValue(DICTIONARY, 'score', 90)).toBe('90.0')
  })

  test('a rate is explained by its counts and opened by them; an extent cannot be opened', () => {
    expect(definition(DICTIONARY, 'late_rate')).toBe(
      '(数handled_late + 数handled_overdue) ÷ 数should_handled（越低越好）',
    )
    expect(definition(DICTIONARY, 'reports')).toBe('reports之义')
    const behind = (code: string) => countsBehind(DICTIONARY, code).map((each) => each.code)
    expect(behind('late_rate')).toEqual(['handled_late', 'handled_overdue', 'should_handled'])
    expect(behind('density_km2')).toEqual(['filed'])
    expect(behind('reports')).toEqual(['reports'])
    expect(behind('no_such')).toEqual([])
  })

  test('a rate of zero is a value, a missing one is not', () => {
    const cell = row('a', { rates: { late_rate: 0, error_rate: null } }).cells[0]
    expect(figureOf(cell, 'late_rate')).toBe(0)
    expect(figureOf(cell, 'error_rate')).toBeNull()
    expect(figureOf(cell, 'reports')).toBeUndefined()
  })

  test('columns: chosen, else the usual, else what another scheme weighs', () => {
    const columns = (show?: string[], weights?: string[]) =>
      columnsOf('department', { show }, DICTIONARY, weights)
    expect(columns(['late_rate', 'nonsense'])).toEqual(['late_rate'])
    expect(columns()).toEqual(['should_handled', 'handled', 'handled_late', 'handled_overdue'])
    expect(columns(undefined, ['late_rate'])).toEqual([
      'should_handled',
      'handled_late',
      'handled_overdue',
      'late_rate',
    ])
  })
})

test('a picture begins with the data, and says which lines lie on one another', () => {
  const cell = (reports: number) => ({ period: '', counts: { reports }, rates: {} })
  const table = {
    periods: [{}, {}, {}],
    rows: [{ cells: [cell(0), cell(2), cell(0)] }],
    total: null,
  } as unknown as Parameters<typeof emptyHead>[0]
  expect(emptyHead(table)).toBe(1)
  expect(
    alike([
      { name: 'a', values: [1, 1] },
      { name: 'b', values: [1, 0.5] },
      { name: 'c', values: [1, 1] },
    ]),
  ).toEqual(['a', 'c'])
})
