import { beforeEach, expect, test } from 'vitest'
import {
  draftKey,
  draftsOf,
  dropDraft,
  keepDraft,
  keyFor,
  readDraft,
} from '../../src/surfaces/desk/case/draft'

beforeEach(() => localStorage.clear())

test('a draft is kept apart for every person, case and operation', () => {
  const key = draftKey(2, 7, 'dispatch')
  const sent = { key: 'k', body: '{}' }
  keepDraft(key, { version: 3, values: { opinion: '速办' }, sent })
  expect(readDraft(key)).toEqual({ version: 3, values: { opinion: '速办' }, sent })
  expect(readDraft(draftKey(3, 7, 'dispatch'))).toBeNull()
  expect([...draftsOf(2, 7)]).toEqual(['dispatch'])
  expect([...draftsOf(2, 70)]).toEqual([])
  dropDraft(key)
  expect(readDraft(key)).toBeNull()
})

test.each(['{', '[]', '"text"', '{"version":"3","values":{}}', '{"values":{}}'])(
  'what is no draft is none: %s',
  (text) => {
    localStorage.setItem('broken', text)
    expect(readDraft('broken')).toBeNull()
  },
)

test('the same body goes out under the same key, another one under a new one', () => {
  const first = keyFor('{"a":1}', undefined)
  expect(keyFor('{"a":1}', first)).toBe(first)
  expect(keyFor('{"a":2}', first).key).not.toBe(first.key)
})

test('a store that refuses breaks nothing', () => {
  const set = Storage.prototype.setItem
  Storage.prototype.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  expect(() => keepDraft('x', { version: 1, values: {} })).not.toThrow()
  Storage.prototype.setItem = set
})
