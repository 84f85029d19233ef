import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isDay, startOf, today } from '../../src/app/days'
import {
  boundsOf,
  type CaseSearch,
  countsQuery,
  filterOf,
  listQuery,
  narrowings,
  readSearch,
  tileQuery,
  writeBounds,
} from '../../src/surfaces/desk/list/filters'
import { parseSearch, stringifySearch } from '../../src/surfaces/desk/search'
import { readWorkSearch } from '../../src/surfaces/desk/waiting/tabs'

const WHOLE: CaseSearch = {
  part: 'all',
  state: ['handling', 'reported'],
  area: ['370202'],
  matter: ['gbt47678-2026:06', 'gbt47678-2026:03005'],
  department: ['91370202CY0954382C'],
  channel: ['hotline'],
  urgency: 'urgent',
  overdue: 'true',
  waiting: 'true',
  mine: 'true',
  from: '2026-11-01',
  until: '2026-11-22',
  text: '井盖 & 100%+',
  bbox: '120.10000,36.00000,120.50000,36.30000',
  order: 'due',
  cursor: 'WzAsIjIwMjYi',
  case: '226',
}

describe('the address of a list', () => {
  test('says the same after being written and read, whatever is in it', () => {
    const address = stringifySearch({ ...WHOLE })
    expect(readSearch(parseSearch(address))).toEqual(WHOLE)
    expect(address).toContain('state=handling&state=reported')
    expect(stringifySearch({ tab: undefined, text: '' })).toBe('')
  })

  test('keeps a year and a code as texts', () => {
    expect(parseSearch('?period=2026&id=007')).toEqual({ period: '2026', id: '007' })
  })

  test('leaves out what means nothing', () => {
    const nonsense = {
      part: 'half',
      state: ['handling', 'nowhere', 'handling'],
      overdue: '1',
      urgency: 'very',
      from: '2026-13-45',
      until: 'soon',
      bbox: '5,5,1,1',
      case: '-3',
      order: 'random',
      other: 'x',
    }
    expect(readSearch(nonsense)).toEqual({ state: ['handling'] })
    expect(readSearch({ state: 'nowhere' })).toEqual({})
    expect(readSearch({ text: `  ${'长'.repeat(300)}  ` }).text).toHaveLength(200)
  })

  test('counts what narrows it, beside the part of life and the map', () => {
    expect(narrowings({})).toBe(0)
    expect(narrowings({ part: 'closed', bbox: '1,2,3,4', cursor: 'x', case: '1' })).toBe(0)
    expect(narrowings({ text: 'a', state: ['reported'] })).toBe(2)
    expect(filterOf(WHOLE)).not.toHaveProperty('cursor')
  })
})

describe('questions to the server', () => {
  test('open cases unless the address says otherwise', () => {
    expect(listQuery({}).toString()).toBe('open=true')
    expect(listQuery({ part: 'closed' }).get('open')).toBe('false')
    expect(listQuery({ part: 'all' }).has('open')).toBe(false)
    expect(listQuery({ state: ['closed'] }).has('open')).toBe(false)
  })

  test('days are the city’s: the last one counts whole', () => {
    const query = listQuery({ from: '2026-11-01', until: '2026-11-22' })
    expect(query.get('reported_from')).toBe('2026-10-31T16:00:00.000Z')
    expect(query.get('reported_until')).toBe('2026-11-22T16:00:00.000Z')
  })

  test('counts are of all open states, whichever are chosen', () => {
    const query = countsQuery({ state: ['handling'], part: 'closed', area: ['370202'] })
    expect(query.has('state')).toBe(false)
    expect(query.get('open')).toBe('true')
    expect(query.get('area')).toBe('370202')
  })

  test('tiles show open cases by themselves and know neither bounds nor page', () => {
    expect(tileQuery({})).toBe('')
    expect(tileQuery({ part: 'all', bbox: '1,2,3,4', cursor: 'x', order: 'due' })).toBe('open=all')
    expect(tileQuery({ part: 'closed' })).toBe('open=false')
    expect(tileQuery({ state: ['closed'], part: 'all' })).toBe('state=closed')
  })
})

describe('bounds', () => {
  test('are four numbers in order, or none', () => {
    expect(boundsOf('120.1,36,120.5,36.3')).toEqual([120.1, 36, 120.5, 36.3])
    for (const wrong of ['', '1,2,3', '1,2,3,x', '3,2,1,4', '1,4,2,3', '-200,0,1,1']) {
      expect(boundsOf(wrong), wrong).toBeNull()
    }
    expect(writeBounds([120.123456, 36, 120.5, 36.3])).toBe('120.12346,36.00000,120.50000,36.30000')
  })
})

describe('days of the city', () => {
  const data = document.documentElement.dataset
  beforeEach(() => {
    data.zone = 'Asia/Shanghai'
  })
  afterEach(() => {
    delete data.zone
  })

  test('begin at its midnight, whatever the machine thinks', () => {
    expect(startOf('2026-11-22')).toBe('2026-11-21T16:00:00.000Z')
    expect(startOf('2026-12-31', 1)).toBe('2026-12-31T16:00:00.000Z')
    expect(today(Date.parse('2026-11-22T16:30:00Z'))).toBe('2026-11-23')
  })

  test('are written as ISO days', () => {
    expect(isDay('2026-02-28')).toBe(true)
    for (const wrong of ['2026-2-8', '2026-13-01', 'x', undefined]) expect(isDay(wrong)).toBe(false)
  })
})

test('the work page knows its tabs', () => {
  expect(readWorkSearch({ tab: 'overdue', case: '7' })).toEqual({ tab: 'overdue', case: '7' })
  expect(readWorkSearch({ tab: 'waiting', case: 'x', other: '1' })).toEqual({})
})
