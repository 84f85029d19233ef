import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CaseRow, District } from '../../src/api/overview'
import type { LiveEvent } from '../../src/app/live'
import { boundsAround } from '../../src/map/bounds'
import { Feed, MOST_CHANGED } from '../../src/surfaces/screen/feed'
import { MOST, merged } from '../../src/surfaces/screen/newest'
import { following, rotates } from '../../src/surfaces/screen/rotation'
import { Intake, MINUTES, Since } from '../../src/surfaces/screen/tally'

const NOON = Date.parse('2026-11-22T04:00:00Z')

function event(id: number, kind: string, payload: Record<string, unknown>, at = NOON): LiveEvent {
  return {
    kind: `governance.case.${kind}`,
    subject_type: 'case',
    subject_id: String(id),
    at: new Date(at).toISOString(),
    payload,
  }
}

beforeEach(() => vi.useFakeTimers({ now: NOON }))
afterEach(() => vi.useRealTimers())

describe('live events', () => {
  test('are told of at most four times a second, however many come', () => {
    const tell = vi.fn()
    const feed = new Feed(tell)
    for (let turn = 0; turn < 1000; turn += 1) {
      feed.take(event(turn, 'accept', { state: 'pending_file', before: 'reported' }))
      vi.advanceTimersByTime(1)
    }
    vi.advanceTimersByTime(250)
    expect(tell.mock.calls.length).toBeLessThanOrEqual(4)
    expect(tell.mock.calls.length).toBeGreaterThanOrEqual(3)
  })

  test('leave nothing behind that grows: a week of them is held in a few numbers', () => {
    const feed = new Feed(() => undefined)
    for (let turn = 0; turn < 20_000; turn += 1) {
      const at = NOON + turn * 30_000
      vi.setSystemTime(at)
      feed.take(event(turn, 'receive', { state: 'reported' }, at))
    }
    expect(feed.waiting).toBe(MOST_CHANGED)
    expect(feed.intake.size).toBeLessThanOrEqual(MINUTES)
    expect(feed.since.size).toBeLessThanOrEqual(180)
  })

  test('change the figures by what they did to a case', () => {
    const feed = new Feed(() => undefined)
    feed.take(event(1, 'receive', { state: 'reported' }))
    feed.take(event(2, 'close', { state: 'closed', before: 'pending_close' }))
    feed.take(event(3, 'reopen', { state: 'handling', before: 'closed' }))
    feed.take(event(4, 'urge', { state: 'handling', before: 'handling' }))
    feed.take(event(5, 'join', { state: 'handling' }))
    expect(feed.since.after(NOON - 1000)).toEqual({ received: 1, closed: 1, open: 1 })
  })

  test('what an overview has counted already is not counted again', () => {
    const since = new Since()
    const one = { received: 1, closed: 0, open: 1 }
    since.add(NOON, one)
    since.add(NOON + 5000, one)
    expect(since.after(NOON + 2000).received).toBe(1)
    expect(since.after(NOON - 9000).received).toBe(1)
  })

  test('the cases that changed are asked for once, the latest twelve', () => {
    const feed = new Feed(() => undefined)
    for (let id = 1; id <= 30; id += 1) feed.take(event(id, 'urge', {}, NOON + id))
    feed.take(event(20, 'urge', {}, NOON + 99))
    const taken = [...feed.takeChanged().keys()]
    expect(taken).toHaveLength(12)
    expect(taken.at(-1)).toBe(20)
    expect(feed.takeChanged().size).toBe(0)
  })

  test('events of other things, or without a time, are left alone', () => {
    const tell = vi.fn()
    const feed = new Feed(tell)
    feed.take({ ...event(1, 'receive', {}), subject_type: 'report' })
    feed.take({ ...event(1, 'receive', {}), at: 'soon' })
    vi.advanceTimersByTime(1000)
    expect(tell).not.toHaveBeenCalled()
  })
})

describe('the intake of the last hour', () => {
  test('nobody knows of the minutes before the page was opened', () => {
    const intake = new Intake(NOON)
    intake.add(NOON + 1000)
    const series = intake.series(NOON + 2000)
    expect(series).toHaveLength(60)
    expect(series.slice(0, 59).every((value) => value === null)).toBe(true)
    expect(series[59]).toBe(1)
  })

  test('what is read and what comes in between adds up', () => {
    const intake = new Intake(NOON)
    intake.add(NOON)
    intake.restart()
    intake.seed([NOON - 60_000, NOON - 61_000, NOON], NOON - 3_600_000 + 60_000)
    intake.add(NOON + 5000)
    const series = intake.series(NOON + 6000)
    expect(series.at(-1)).toBe(2)
    expect(series.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(4)
    expect(series.includes(null)).toBe(false)
  })
})

describe('the newest cases', () => {
  const row = (id: number) => ({ id, state: 'reported' }) as CaseRow

  test('stand once each, with their latest time, and never more than fit', () => {
    let list = merged([], [{ row: row(1), at: 10 }])
    list = merged(list, [{ row: row(1), at: 30 }])
    list = merged(list, [{ row: row(1), at: 20 }])
    expect(list.map((each) => [each.row.id, each.at])).toEqual([[1, 30]])
    const many = Array.from({ length: 50 }, (_, id) => ({ row: row(id), at: id }))
    const after = merged(list, many)
    expect(after).toHaveLength(MOST)
    expect(after[0]?.row.id).toBe(49)
  })
})

describe('the turning of the wall', () => {
  const district = (code: string, open: number) => ({ code, open }) as District
  const districts = [district('a', 3), district('b', 0), district('c', 1)]

  test('goes from the city through the districts with open cases and back', () => {
    expect(following(null, districts)).toBe('a')
    expect(following('a', districts)).toBe('c')
    expect(following('c', districts)).toBe(null)
    expect(following(null, [])).toBe(null)
    expect(following('gone', districts)).toBe('a')
  })

  test('stands still in a kiosk that asks for it', () => {
    expect(rotates('?rotate=0')).toBe(false)
    expect(rotates('')).toBe(true)
  })

  test('an outline of many parts has one box', () => {
    const box = boundsAround([
      [
        [
          [120, 36],
          [121, 36.5],
        ],
      ],
      [
        [
          [119, 35.5],
          [119.2, 37],
        ],
      ],
    ])
    expect(box).toEqual([119, 35.5, 121, 37])
    expect(boundsAround([])).toBeNull()
    expect(boundsAround(undefined)).toBeNull()
  })
})
