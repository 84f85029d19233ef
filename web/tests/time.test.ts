import { expect, test } from 'vitest'
import { duration } from '../src/app/time'

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
