import { describe, expect, it } from 'vitest'
import {
  caseQuery,
  caseTiles,
  codesOf,
  layerTime,
  readMap,
  ringOf,
  viewOf,
  writeCodes,
  writeRing,
} from '../../src/surfaces/desk/map/search'
import { ending, lengthOf, plus, previous, stepped } from '../../src/surfaces/desk/map/slider'
import { parseSearch, stringifySearch } from '../../src/surfaces/desk/search'

describe('the address of the map', () => {
  it('survives being written and read', () => {
    const text =
      '?at=120.38000,36.07000,13.50&on=cases,areas&tool=select&part=all&matter=e:0101' +
      '&within=120.380000,36.070000;120.390000,36.070000;120.390000,36.080000' +
      '&from=2026-11-01&until=2026-11-07&step=7&other=components&from2=2026-10-25&until2=2026-10-31'
    const read = readMap(parseSearch(text))
    expect(readMap(parseSearch(stringifySearch({ ...read })))).toEqual(read)
    expect(read.tool).toBe('select')
    expect(read.matter).toEqual(['e:0101'])
    expect(ringOf(read.within)).toHaveLength(3)
  })

  it('leaves out what means nothing', () => {
    const text =
      '?at=999,36,13&tool=fly&point=x,y&within=1,2;3,4&step=9&cells=99&shade=red&from2=soon&on=<script>'
    expect(readMap(parseSearch(text))).toEqual({})
    expect(viewOf('120,36')).toBeNull()
    expect(viewOf('120,36,23')).toBeNull()
  })

  it('takes no more corners than the server', () => {
    const ring = Array.from({ length: 201 }, (_, at): [number, number] => [120 + at / 1e4, 36])
    expect(ringOf(writeRing(ring.slice(0, 200)))).toHaveLength(200)
    expect(ringOf(writeRing(ring))).toBeNull()
  })

  it('tells nothing switched on from nothing said', () => {
    expect(codesOf(undefined)).toBeNull()
    expect(codesOf(writeCodes([]))).toEqual([])
    expect(codesOf(writeCodes(['a', 'b']))).toEqual(['a', 'b'])
  })

  it('asks for cases of its window of time, and of the other side', () => {
    const search = readMap(
      parseSearch('?part=all&from=2026-11-01&until=2026-11-07&from2=2026-10-01&until2=2026-10-02'),
    )
    const left = new URLSearchParams(caseTiles(search))
    expect(left.get('open')).toBe('all')
    expect(left.get('reported_from')).toBe('2026-10-31T16:00:00.000Z')
    expect(left.get('reported_until')).toBe('2026-11-07T16:00:00.000Z')
    const right = new URLSearchParams(caseTiles(search, true))
    expect(right.get('reported_until')).toBe('2026-10-02T16:00:00.000Z')
    expect(caseQuery(search).has('open')).toBe(false)
  })

  it('asks for cases of an outline, or of an area in place of those of the filter', () => {
    const drawn = readMap(parseSearch('?within=1,2;3,4;5,6&ground=370202&area=370203'))
    expect(drawn.ground).toBeUndefined()
    expect(caseQuery(drawn, true).get('within')).toBe(
      '1.000000,2.000000;3.000000,4.000000;5.000000,6.000000',
    )
    const held = readMap(parseSearch('?ground=370202&area=370203'))
    expect(caseQuery(held, true).getAll('area')).toEqual(['370202'])
    expect(caseQuery(held).getAll('area')).toEqual(['370203'])
    expect(readMap(parseSearch('?ground=%27;--'))).toEqual({})
  })
})

describe('the window of time', () => {
  const week = { from: '2026-11-01', until: '2026-11-07' }

  it('moves by days and weeks over the ends of months', () => {
    expect(plus('2026-12-31', 1)).toBe('2027-01-01')
    expect(stepped(week, 7, '2026-01-01', '2026-11-22')).toEqual({
      from: '2026-11-08',
      until: '2026-11-14',
    })
    expect(stepped(week, -1, '2026-01-01', '2026-11-22').from).toBe('2026-10-31')
  })

  it('begins anew at the end, and keeps its length', () => {
    const again = stepped(
      { from: '2026-11-16', until: '2026-11-22' },
      1,
      '2026-01-01',
      '2026-11-22',
    )
    expect(again).toEqual({ from: '2026-01-01', until: '2026-01-07' })
    expect(
      lengthOf(
        stepped({ from: '2026-01-01', until: '2026-01-03' }, -1, '2026-01-01', '2026-11-22'),
      ),
    ).toBe(3)
  })

  it('knows the window before', () => {
    expect(previous(week)).toEqual({ from: '2026-10-25', until: '2026-10-31' })
    expect(ending('2026-11-22', 1)).toEqual({ from: '2026-11-22', until: '2026-11-22' })
  })
})

describe('the time of layers that are data', () => {
  it('is that of the slider, in days or in moments of the city, the last one included', () => {
    const search = { from: '2026-05-01', until: '2026-05-07', from2: '2026-04-01' }
    const asked = (...how: [boolean, boolean?]) =>
      new URLSearchParams(layerTime(search, ...how)).get('datetime')
    expect(asked(true)).toBe('2026-05-01/2026-05-07')
    const [first = '', last = ''] = asked(false)?.split('/') ?? []
    expect(Date.parse(last) - Date.parse(first)).toBe(7 * 86_400_000 - 1)
    expect(asked(true, true)).toBe('2026-04-01/..')
    expect(layerTime({}, true)).toBe('')
  })
})
