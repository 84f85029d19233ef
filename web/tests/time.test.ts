import { expect, test } from 'vitest'
import { columnTime, duration } from '../src/app/time'

const MINUTE = 60_000
const DAY = 1440 * MINUTE

test.each([
  [0, '不到 1 分'],
  [59_999, '不到 1 分'],
  [45 * MINUTE, '45 分'],
  [-45 * MINUTE, '45 分'],
  [2 * 60 * MINUTE, '2 小时'],
  [150 * MINUTE, '2 小时 30 分'],
  [DAY + 59 * MINUTE, '1 天'],
  [99 * DAY + 180 * MINUTE, '99 天 3 小时'],
  // Beside a hundred days nobody asks for hours.
  [100 * DAY + 180 * MINUTE, '100 天'],
])('%i ms last %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text)
})

test('a column tells the day and the time, of another year the day', () => {
  const now = Date.parse('2026-11-29T10:00:00Z')
  expect(columnTime('2026-11-22T06:05:00Z', now)).toBe('11-22 14:05')
  expect(columnTime('2025-12-31T15:59:00Z', now)).toBe('2025-12-31')
  expect(columnTime('2025-12-31T16:00:00Z', now)).toBe('01-01 00:00')
  expect(columnTime(null, now)).toBe('—')
})
