import { describe, expect, test } from 'vitest'
import { ordered } from '../../src/surfaces/desk/order/CallerHistory'
import {
  aloud,
  blank,
  isBegun,
  isPhone,
  kept,
  lacks,
  reportOf,
} from '../../src/surfaces/desk/order/order'

test('a number is read letter, day, then four by four; a code four by four', () => {
  expect(aloud('R20261122L4UUA24H')).toBe('R 20261122 L4UU A24H')
  expect(aloud('MIBGPEEL')).toBe('MIBG PEEL')
})

describe('an order', () => {
  test('needs words and a place; a call about a known case needs neither', () => {
    const order = blank()
    expect(lacks(order)).toEqual(['text', 'place'])
    expect(lacks({ ...order, text: '路灯不亮', address: '黄山路' })).toEqual([])
    expect(lacks({ ...order, text: '路灯不亮', lon: 120, lat: 36 })).toEqual([])
    expect(lacks({ ...order, same_as: 7 })).toEqual([])
  })

  test('sends a contact only where there is one', () => {
    const order = { ...blank(), text: ' 路灯不亮 ', address: '黄山路', urgent: true }
    expect(reportOf(order)).toMatchObject({
      text: '路灯不亮',
      channel: 'hotline',
      contact: null,
      urgency: 'urgent',
    })
    expect(reportOf(order)).not.toHaveProperty('lon')
    expect(reportOf({ ...order, phone: ' 138 ' }).contact).toEqual({
      name: '',
      phone: '138',
      email: '',
    })
    expect(reportOf({ ...order, same_as: 7 })).toMatchObject({ same_as: 7 })
  })

  test('comes back from what was kept, with its own key', () => {
    const order = { ...blank(), text: '写了一半', channel: 'media' as const, lon: 120 }
    expect(kept(JSON.parse(JSON.stringify(order)))).toEqual(order)
    expect(kept({ text: 7, channel: 'letter', lon: 'x' })).toMatchObject({
      text: '',
      channel: 'hotline',
      lon: null,
    })
    expect(isBegun(blank())).toBe(false)
    expect(isBegun(order)).toBe(true)
    expect(blank().key).not.toBe(blank().key)
  })
})

test('a telephone number has seven digits at least', () => {
  expect(isPhone('0532-12345')).toBe(true)
  expect(isPhone('138 123')).toBe(false)
})

test('open cases of a caller stand first, then the newest', () => {
  const report = (number: string, case_state: 'closed' | 'handling', reported_at: string) => ({
    number,
    case_id: 1,
    case_number: null,
    case_state,
    channel: 'hotline',
    text: '',
    address: '',
    lon: null,
    lat: null,
    place_note: '',
    reported_at,
    attachments: [],
    media_url: '',
    attributes: {},
    suggestions: {},
    contact_id: null,
    contact: null,
  })
  const list = [
    report('a', 'closed', '2026-11-22T00:00:00Z'),
    report('b', 'handling', '2026-11-01T00:00:00Z'),
    report('c', 'handling', '2026-11-20T00:00:00Z'),
  ]
  expect(ordered(list).map((each) => each.number)).toEqual(['c', 'b', 'a'])
})
