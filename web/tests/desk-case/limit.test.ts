import { afterEach, expect, test } from 'vitest'
import { speak } from '../../src/app/language'
import { limitOf } from '../../src/surfaces/desk/case/Facts'
import type { Standard } from '../../src/surfaces/desk/case/shape'

const days = (limit: number): Standard => ({
  id: 1,
  condition_zh: '单灯不亮',
  condition_en: 'A single lamp is out',
  limit_class: '',
  limit,
  unit: 'work_day',
  make_safe_limit: null,
  make_safe_unit: '',
  closing_zh: '恢复照明',
  closing_en: 'It works again',
  version: 1,
})

afterEach(() => speak('zh'))

test('a limit of one day is not said to be one days', async () => {
  await speak('en')
  expect(limitOf(days(1))).toBe('1 working day')
  expect(limitOf(days(2))).toBe('2 working days')
  await speak('zh')
  expect(limitOf(days(1))).toBe('1 工作日')
})
