import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Component } from '../../src/api/components'
import type { Inventory } from '../../src/api/overview'
import { NoAnswer, Refusal } from '../../src/api/problem'
import { speak } from '../../src/app/language'
import { levelOf } from '../../src/surfaces/leader/areas'
import { componentsAt, countable, down, wantedOf } from '../../src/surfaces/leader/inventory'
import { found, inventoryOf, narrowed } from '../../src/surfaces/leader/offline/counting'
import * as reading from '../../src/surfaces/leader/offline/reading'
import {
  communities,
  componentsOf,
  drop,
  erase,
  put,
} from '../../src/surfaces/leader/offline/store'
import { boxOf } from '../../src/surfaces/leader/offline/take'

const COMMUNITY = '370202001002'
const party = { code: 'co-1', name_zh: '市政公司', name_en: 'City works' }

function component(code: string, more: Partial<Component> = {}): Component {
  return {
    code,
    name: '路灯',
    component_class: '0107',
    class_zh: '路灯',
    class_en: 'Street lamp',
    edition: 'gbt47678-2026',
    state: 'intact',
    lon: 120.3,
    lat: 36.1,
    accuracy: 'a',
    unit_grid: null,
    authority: null,
    owner: null,
    maintainer: null,
    first_surveyed: null,
    changed_on: null,
    source: '',
    remark: '',
    ...more,
  }
}

const ROWS = [
  component('3702020107000001', { maintainer: party }),
  component('3702020107000002', { state: 'damaged', maintainer: party }),
  component('3702020201000001', {
    name: '果皮箱',
    class_zh: '果皮箱',
    class_en: 'Litter bin',
    component_class: '0201',
  }),
  component('3702020201000002', { component_class: '0201', state: 'removed' }),
]
const CLASSES: Inventory = {
  total: 3,
  by: 'class',
  rows: [
    { key: '01', name_zh: '公用设施', name_en: 'Utilities', count: 2, damaged: 1 },
    { key: '02', name_zh: '市容环卫', name_en: 'Sanitation', count: 1, damaged: 0 },
  ],
  areas: { community: 1 },
  unit_grids: 4,
  duty_grids: 1,
}
const KEPT = {
  owner: 7,
  code: COMMUNITY,
  name_zh: '中山路社区',
  name_en: 'Zhongshan Road',
  at: 1_700_000_000_000,
  bytes: 1000,
  components: 4,
  tiles: 3,
  cut: false,
  classes: CLASSES,
}
const wanted = (search: string) => wantedOf(`area=${COMMUNITY}&${search}`)
const signal = new AbortController().signal

beforeEach(async () => {
  await erase()
  await speak('zh')
  vi.unstubAllGlobals()
})

describe('counted on the phone as the server would', () => {
  const whole = { ...KEPT, key: '' }
  const rows = (search: string) =>
    inventoryOf(whole, ROWS, wanted(search)).rows.map((row) => [row.key, row.count, row.damaged])

  test('by class, with the names the server gave', () => {
    expect(inventoryOf(whole, ROWS, wanted('by=class'))).toEqual(CLASSES)
  })
  test('by subclass, state and maintainer, narrowed', () => {
    expect(rows('by=subclass')).toEqual([
      ['0107', 2, 1],
      ['0201', 1, 0],
    ])
    expect(rows('by=state&class_code=01')).toEqual([
      ['damaged', 1, 1],
      ['intact', 1, 0],
    ])
    expect(rows('by=maintainer')).toEqual([
      ['co-1', 2, 1],
      ['', 1, 0],
    ])
  })
  test('what was removed is not counted, and not found by a state that it has not', () => {
    expect(narrowed(ROWS, wanted('state=damaged')).map((row) => row.code)).toEqual([
      '3702020107000002',
    ])
  })
  test('found by the beginning of a code or a part of a name', () => {
    expect(found(ROWS, '37020201070')).toHaveLength(2)
    expect(found(ROWS, '果皮')).toHaveLength(1)
    expect(found(ROWS, ' ')).toEqual([])
  })
})

describe('reads that fall back on what was taken along', () => {
  const cut = () => vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')))

  test('numbers, lists and one component, with the time they are of', async () => {
    await put(KEPT, ROWS)
    cut()
    const counted = await reading.inventory(7, wanted('by=class'), signal)
    expect(counted).toMatchObject({ total: 3, at: KEPT.at })
    const sheet = await reading.components(7, wanted('class_code=01'), null, signal)
    expect(sheet.items).toHaveLength(2)
    expect(sheet.next).toBeNull()
    expect(await reading.component(7, '3702020107000002', signal)).toMatchObject({
      state: 'damaged',
      at: KEPT.at,
    })
    expect(await reading.search(7, '果皮箱')).toHaveLength(1)
  })
  test('a long list comes in sheets', async () => {
    const many = Array.from({ length: 120 }, (_, n) => component(String(n).padStart(16, '0')))
    await put(KEPT, many)
    cut()
    const codes: string[] = []
    let cursor: string | null = null
    do {
      const sheet: Awaited<ReturnType<typeof reading.components>> = await reading.components(
        7,
        wanted(''),
        cursor,
        signal,
      )
      codes.push(...sheet.items.map((row) => row.code))
      cursor = sheet.next ?? null
    } while (cursor)
    expect(codes).toEqual(many.map((row) => row.code))
  })
  test('what was not taken along, or was taken by another, stays an error', async () => {
    await put(KEPT, ROWS)
    cut()
    await expect(reading.inventory(8, wanted('by=class'), signal)).rejects.toThrow(NoAnswer)
    await expect(reading.inventory(7, wantedOf('area=370202'), signal)).rejects.toThrow(NoAnswer)
  })
  test('a refusal of the server is no reason to show what is old', async () => {
    await put(KEPT, ROWS)
    const no = () => Promise.resolve(new Response('{"detail":"no"}', { status: 403 }))
    vi.stubGlobal('fetch', no)
    await expect(reading.inventory(7, wanted('by=class'), signal)).rejects.toThrow(Refusal)
  })
})

describe('what lies on the phone', () => {
  test('is let go whole', async () => {
    await put(KEPT, ROWS)
    await put({ ...KEPT, code: '370202001003', at: KEPT.at + 1 }, [])
    expect((await communities(7)).map((each) => each.code)).toEqual(['370202001003', COMMUNITY])
    await drop(7, COMMUNITY)
    expect(await componentsOf(7, COMMUNITY)).toEqual([])
    expect(await communities(7)).toHaveLength(1)
  })
})

describe('addresses', () => {
  test('a community is counted by what it has', () => {
    expect(levelOf('370202')).toBe('district')
    expect(levelOf('370202001')).toBe('street')
    expect(countable(wanted('by=class'))).toEqual(['class', 'subclass', 'state', 'maintainer'])
    expect(down(wanted('by=subclass'), '0107')).toContain('by=state')
  })
  test('the list is narrowed as the numbers are', () => {
    expect(componentsAt(wanted('by=state&class_code=0107&state=lost'))).toBe(
      `/m/leader/components?class_code=0107&area=${COMMUNITY}&state=lost`,
    )
  })
  test('the box around any outline', () => {
    const coordinates = [
      [
        [
          [120, 36],
          [121, 36],
          [120.5, 37],
          [120, 36],
        ],
      ],
    ] // prettier-ignore
    expect(boxOf({ type: 'MultiPolygon', coordinates })).toEqual([120, 36, 121, 37])
    expect(boxOf(null)).toBeNull()
  })
})
