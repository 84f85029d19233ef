import { beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => {
  localStorage.clear()
  vi.resetModules()
})

function opened() {
  return import('../../src/surfaces/citizen/kept')
}

test('the newest is first, a number is kept once, and all of it after a reload', async () => {
  const { keepReport, keptReports } = await opened()
  keepReport({ number: 'R1', code: 'A', text: '一', at: '2026-11-20T00:00:00Z' })
  keepReport({ number: 'R2', code: 'B', text: '二', at: '2026-11-21T00:00:00Z' })
  keepReport({ number: 'R1', code: 'A', text: '一'.repeat(100), at: '2026-11-22T00:00:00Z' })
  expect(keptReports().map((each) => each.number)).toEqual(['R1', 'R2'])
  expect(keptReports()[0]?.text).toHaveLength(60)
  vi.resetModules()
  expect((await opened()).keptReports().map((each) => each.number)).toEqual(['R1', 'R2'])
})

test('what was removed comes back with undo', async () => {
  const { forgetReport, keepReport, keptReports, restoreReports } = await opened()
  keepReport({ number: 'R1', code: 'A', text: '', at: '' })
  const before = keptReports()
  forgetReport('R1')
  expect(keptReports()).toEqual([])
  expect(localStorage.length).toBe(0)
  restoreReports(before)
  expect(keptReports()).toEqual(before)
})

test('at most fifty are kept, and strange entries are passed over', async () => {
  const { keepReport, keptIn, keptReports } = await opened()
  for (let n = 0; n < 60; n++) keepReport({ number: `R${n}`, code: 'A', text: '', at: '' })
  expect(keptReports()).toHaveLength(50)
  expect(keptReports()[0]?.number).toBe('R59')
  expect(keptIn([{ number: 'R1' }, null, 4, { number: 'R2', code: 'B' }])).toHaveLength(1)
  expect(keptIn({ number: 'R1', code: 'A' })).toEqual([])
})

test('the address of a report survives whatever is in it', async () => {
  const { followPath } = await opened()
  const { asked } = await import('../../src/surfaces/citizen/FollowPage')
  expect(asked(followPath('R1/2', 'A&B=?'))).toEqual({ number: 'R1/2', code: 'A&B=?' })
  expect(asked('/follow')).toEqual({ number: '', code: '' })
  expect(asked('/follow/%E0%A4%A?code=x')).toEqual({ number: '%E0%A4%A', code: 'x' })
})

test('numbers and codes are found as people type them', async () => {
  const { tidy } = await import('../../src/surfaces/citizen/FollowForm')
  expect(tidy(' r2026 1122ab ')).toBe('R20261122AB')
  expect(tidy('ｃｓｆｇ２ｈ７ｊ')).toBe('CSFG2H7J')
})
