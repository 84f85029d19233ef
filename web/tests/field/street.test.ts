// @vitest-environment node
import { encode } from 'uqr'
import { describe, expect, test } from 'vitest'
import { around, MOST_TILES, tilesOf } from '../../src/offline/tiles'
import { metres } from '../../src/surfaces/field/distance'
import { LAYERS } from '../../src/surfaces/field/offline/prepare'
import { findMatters } from '../../src/surfaces/field/report/matters'
import { codeIn, codeInPixels } from '../../src/surfaces/field/report/scan'
import { bodyOf, EMPTY, missing as missingInReport } from '../../src/surfaces/field/report/words'
import { isNews } from '../../src/surfaces/field/store/track'
import { ACTS, actsOf, missing } from '../../src/surfaces/field/tasks/acts'
import { ordered } from '../../src/surfaces/field/tasks/order'
import type { Matter, TaskRow } from '../../src/surfaces/field/tasks/read'

function task(id: number, more: Partial<TaskRow['case']> & { kind?: string } = {}): TaskRow {
  const { kind = 'check', ...row } = more
  const empty: Partial<TaskRow> = { id, case_id: id, kind, due_at: null }
  // Only what ordering reads; the rest of a row has no say in it.
  return { ...empty, case: { lon: null, lat: null, stage_due_at: null, ...row } } as TaskRow
}

const act = (name: string) => ACTS.find((each) => each.name === name) ?? null

describe('tasks', () => {
  const here = { lon: 120.3, lat: 36.1 }
  const rows = [
    task(1, { lon: 120.31, lat: 36.1, stage_due_at: '2026-11-22T03:00:00Z' }),
    task(2, { lon: 120.301, lat: 36.1, stage_due_at: '2026-11-22T09:00:00Z', kind: 'verify' }),
    task(3, { stage_due_at: '2026-11-22T01:00:00Z' }),
    task(4, {}),
  ]
  const ids = (found: TaskRow[]) => found.map((row) => row.id)

  test('the nearest first, those without a place after all others', () => {
    expect(ids(ordered(rows, 'all', 'near', here))).toEqual([2, 1, 3, 4])
  })
  test('without a position the nearest deadline, none last', () => {
    expect(ids(ordered(rows, 'all', 'near', null))).toEqual([3, 1, 2, 4])
    expect(ids(ordered(rows, 'all', 'due', here))).toEqual([3, 1, 2, 4])
  })
  test('of one kind', () => {
    expect(ids(ordered(rows, 'verify', 'due', null))).toEqual([2])
  })
})

describe('a decision', () => {
  test('is offered only where the server offers its operation', () => {
    const offered = actsOf([{ operation: 'verify' }, { operation: 'close' }])
    expect(offered.map((each) => each.name)).toEqual(['exists', 'not_exists', 'cannot'])
  })
  test('a check is passed with a photo, and needs no words', () => {
    expect(missing(act('pass_check'), '', [])).toBe('need_photo')
    expect(missing(act('pass_check'), '', [{ slot: 'after' }])).toBe('need_photo')
    expect(missing(act('pass_check'), '', [{ slot: 'reference' }])).toBeNull()
  })
  test('work is done with words and a photo of afterwards', () => {
    expect(missing(act('finish'), ' ', [])).toBe('need_opinion')
    expect(missing(act('finish'), 'done', [{ slot: 'before' }])).toBe('need_after')
    expect(missing(act('finish'), 'done', [{ slot: 'after' }])).toBeNull()
  })
  test('something must be chosen', () => {
    expect(missing(null, 'words', [])).toBe('need_act')
  })
})

describe('a report', () => {
  const place = { lon: 120, lat: 36, system: 'wgs84', source: 'position', accuracy: 5 } as const

  test('has words and a place, or a component that has one', () => {
    expect(missingInReport(EMPTY, [])).toBe('need_text')
    expect(missingInReport({ ...EMPTY, text: 'a hole' }, [])).toBe('need_where')
    expect(missingInReport({ ...EMPTY, text: 'a hole', component: '3702' }, [])).toBeNull()
  })
  test('put right at once: what was done, and how it looks now', () => {
    const fixed = { ...EMPTY, text: 'litter', place, fixed: true }
    expect(missingInReport(fixed, [])).toBe('need_fixed')
    expect(missingInReport({ ...fixed, fixedText: 'swept' }, [])).toBe('need_after')
    expect(missingInReport({ ...fixed, fixedText: 'swept' }, [{ slot: 'after' }])).toBeNull()
  })
  test('says in which datum its place is', () => {
    const body = bodyOf({ ...EMPTY, text: ' x ', place }, new Date('2026-11-22T01:00:00Z'))
    expect(body).toMatchObject({ text: 'x', lon: 120, system: 'wgs84', component_code: '' })
  })
})

describe('the map of a day', () => {
  test('coarse tiles first, each once, and what the map asks for', () => {
    const box = around(120.345, 36.05)
    const found = tilesOf([box, box], LAYERS)
    expect(new Set(found).size).toBe(found.length)
    expect(found[0]).toBe('/tiles/areas/6/53/25.mvt')
    expect(found).toContain('/tiles/areas/10/854/401.mvt')
    expect(found).toContain('/tiles/areas/14/13669/6430.mvt')
    expect(found.some((address) => address.startsWith('/tiles/components/16/'))).toBe(true)
    expect(found.some((address) => address.startsWith('/tiles/areas/15/'))).toBe(false)
  })
  test('a whole province is cut', () => {
    expect(tilesOf([[114, 34, 123, 39]], LAYERS)).toHaveLength(MOST_TILES)
  })
})

describe('classes', () => {
  const matter = (id: number, zh: string, en: string, aliases: string[] = []): Matter => ({
    id,
    token: `e:${id}`,
    class_code: '01',
    class_zh: '公用设施',
    class_en: 'Utilities',
    name_zh: zh,
    name_en: en,
    aliases,
  })
  const all = [
    matter(1, '上水井盖', 'Water manhole cover'),
    matter(2, '井盖破损', 'Broken cover', ['窨井']),
    matter(3, '路灯', 'Street lamp'),
  ]
  const ids = (typed: string) => findMatters(all, typed).map((each) => each.id)

  test('names that begin with it come first; aliases count; all words must be there', () => {
    expect(ids('井盖')).toEqual([2, 1])
    expect(ids('窨井')).toEqual([2])
    expect(ids('公用 路灯')).toEqual([3])
    expect(ids('COVER manhole')).toEqual([1])
    expect(ids('  ')).toEqual([])
  })
})

describe('a code on a thing', () => {
  test('alone, or at the end of an address; nothing else is a code', () => {
    expect(codeIn('37020201001000001')).toBe('37020201001000001')
    expect(codeIn('https://city.example/c?code=37020201001000001')).toBe('37020201001000001')
    expect(codeIn('WIFI:S:guest;T:WPA;P:secret;;')).toBe('')
    expect(codeIn('井盖')).toBe('')
  })
  test('is read from the pixels of a photo', async () => {
    const { data, size } = encode('37020201001000001', { border: 4 })
    const scale = 6
    const width = size * scale
    const pixels = new Uint8ClampedArray(width * width * 4)
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        const dark = data[Math.floor(y / scale)]?.[Math.floor(x / scale)] ?? false
        pixels.set([dark ? 20 : 235, dark ? 20 : 235, dark ? 20 : 235, 255], (y * width + x) * 4)
      }
    }
    expect(await codeInPixels({ data: pixels, width, height: width })).toBe('37020201001000001')
  })
})

describe('the patrol', () => {
  const at = (seconds: number) => new Date(1_795_000_000_000 + seconds * 1000).toISOString()
  const point = (lon: number, seconds: number) => ({
    lon,
    lat: 36.1,
    accuracy_m: 5,
    at: at(seconds),
  })
  test('a degree of longitude is shorter up north', () => {
    expect(metres({ lon: 120, lat: 36 }, { lon: 120.001, lat: 36 })).toBeCloseTo(90.06, 1)
  })
  test('standing still is one point in half a minute', () => {
    expect(isNews(null, point(120, 0))).toBe(true)
    expect(isNews(point(120, 0), point(120.00005, 5))).toBe(false)
    expect(isNews(point(120, 0), point(120.0002, 5))).toBe(true)
    expect(isNews(point(120, 0), point(120, 31))).toBe(true)
    expect(isNews(point(120, 10), point(120.1, 5))).toBe(false)
  })
})
