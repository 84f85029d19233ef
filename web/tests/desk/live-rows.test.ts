import { expect, test } from 'vitest'
import { Changes, replaced, sortChanges } from '../../src/surfaces/desk/list/changes'
import type { CaseRow } from '../../src/surfaces/desk/list/rows'
import { beside } from '../../src/surfaces/desk/list/useCurrent'

function row(id: number, version = 1): CaseRow {
  return {
    id,
    number: null,
    state: 'reported',
    channel: 'citizen',
    urgency: 'normal',
    matter: null,
    description: '',
    address: '',
    lon: null,
    lat: null,
    area: null,
    department: null,
    stage: 'accept',
    stage_due_at: null,
    handle_due_at: null,
    warned: 0,
    paused_until: null,
    reported_at: '2026-11-22T00:00:00Z',
    filed_at: null,
    closed_at: null,
    handle_late: false,
    report_count: 1,
    rework_count: 0,
    urge_count: 0,
    supervision_count: 0,
    version,
  }
}

test('many events of one case are one question; the oldest are let go, never the newest', () => {
  const changes = new Changes(3)
  for (const id of [1, 2, 1, 3, 4]) changes.add(id)
  expect(changes.take()).toEqual([1, 3, 4])
  expect(changes.waiting).toBe(false)
})

test('a changed case is in its place, has left the list, is new in it, or is none of it', () => {
  const shown = new Set([1, 2])
  const sorted = sortChanges([1, 2, 3, 4], shown, [row(1, 5), row(3)])
  expect(sorted.changed.map((each) => each.id)).toEqual([1])
  expect(sorted.left).toEqual([2])
  expect(sorted.fresh).toEqual([3])
})

test('rows change in place, and a late answer does not bring an older one back', () => {
  const rows = [row(1, 2), row(2, 7), row(3)]
  const after = replaced(rows, [row(2, 6), row(1, 3), row(9)])
  expect(after.map((each) => [each.id, each.version])).toEqual([
    [1, 3],
    [2, 7],
    [3, 1],
  ])
})

test('keys move from row to row and stop at the ends', () => {
  const rows = [row(5), row(6), row(7)]
  expect(beside(rows, null, 1)).toBe(5)
  expect(beside(rows, null, -1)).toBe(7)
  expect(beside(rows, 5, 1)).toBe(6)
  expect(beside(rows, 7, 1)).toBe(7)
  expect(beside(rows, 5, -1)).toBe(5)
  expect(beside([], null, 1)).toBeNull()
})
