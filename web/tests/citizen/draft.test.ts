import { beforeEach, describe, expect, test, vi } from 'vitest'
import { blank, draftIn, isBlank } from '../../src/surfaces/citizen/draft'

beforeEach(() => {
  localStorage.clear()
  vi.resetModules()
})

/** The module as a newly opened page has it. */
function opened() {
  return import('../../src/surfaces/citizen/draft')
}

describe('the draft in this browser', () => {
  test('every word is there after a reload, and the key is the same', async () => {
    const first = await opened()
    first.change({ text: '路灯不亮', address: '香港中路', addressByHand: true, anonymous: false })
    first.change({ phone: '138' })
    const key = first.draft().key
    vi.resetModules()
    const second = await opened()
    expect(second.draft()).toMatchObject({
      key,
      text: '路灯不亮',
      address: '香港中路',
      addressByHand: true,
      anonymous: false,
      phone: '138',
    })
    expect(second.restoredFrom).toBe(first.draft().changedAt)
  })

  test('nothing written is nothing kept', async () => {
    const { change } = await opened()
    change({ text: ' ' })
    expect(localStorage.length).toBe(0)
    vi.resetModules()
    expect((await opened()).restoredFrom).toBe('')
  })

  test('a new draft has a key of its own, also when it starts with the words of another', async () => {
    const { beginDraft, change, draft } = await opened()
    change({ text: '井盖', tried: '{}' })
    const before = draft()
    beginDraft(before)
    expect(draft().text).toBe('井盖')
    expect(draft().tried).toBe('')
    expect(draft().key).not.toBe(before.key)
    beginDraft()
    expect(isBlank(draft())).toBe(true)
  })

  test('an address that was looked up is nobody’s loss', () => {
    expect(isBlank({ ...blank(), address: '某路', addressByHand: false })).toBe(true)
    expect(isBlank({ ...blank(), address: '某路', addressByHand: true })).toBe(false)
    expect(isBlank({ ...blank(), photoCount: 1 })).toBe(false)
  })

  test.each([null, 7, 'x', [], {}, { key: 'short' }, { key: 5, text: '丢' }])(
    'what is not a draft is not taken for one: %j',
    (value) => {
      expect(draftIn(value)).toBeNull()
    },
  )

  test('damaged parts of a draft are left out, the words stay', () => {
    const kept = draftIn({
      key: '0123456789abcdef',
      text: '还在',
      spot: { lon: '120', lat: 36 },
      matter: { id: 'x' },
      apart: [1, 'two', null],
      photoCount: 'many',
    })
    expect(kept).toMatchObject({
      text: '还在',
      spot: null,
      matter: null,
      apart: [1],
      photoCount: 0,
    })
  })

  test('a browser that keeps nothing still lets people write', async () => {
    const refuse = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    const { change, draft } = await opened()
    change({ text: '照写' })
    expect(draft().text).toBe('照写')
    refuse.mockRestore()
  })

  test('keys are UUIDs of version 4, without crypto.randomUUID', async () => {
    const { newKey } = await opened()
    const keys = Array.from({ length: 50 }, newKey)
    for (const key of keys) {
      expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
    expect(new Set(keys).size).toBe(50)
  })
})
