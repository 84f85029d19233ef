import { beforeEach, describe, expect, test } from 'vitest'
import type { Hour, Overview } from '../../src/api/overview'
import { speak } from '../../src/app/language'
import { against, change, points, share, whole } from '../../src/app/numbers'
import { leadersOperations, type Operation } from '../../src/surfaces/leader/caseDetail'
import { casesAt, filtersOf, titleOf } from '../../src/surfaces/leader/caseQuery'
import { BLANK, dropDraft, readDraft, writeDraft } from '../../src/surfaces/leader/draft'
import { cityAt, down, narrowings, wantedOf } from '../../src/surfaces/leader/inventory'
import { forgetKept } from '../../src/surfaces/leader/kept'
import { outside, verdict } from '../../src/surfaces/leader/norm'
import { formerPerson, rememberPerson } from '../../src/surfaces/leader/person'
import { withRest } from '../../src/ui/chart/BarList'

beforeEach(async () => {
  localStorage.clear()
  await speak('zh')
})

function day(norm: number | null, until: number, each = 0): Hour[] {
  return Array.from({ length: 24 }, (_, hour) => ({
    hour,
    today: hour <= until ? each : null,
    norm,
  }))
}

describe('is today a usual day', () => {
  test('the running hour counts as far as it has gone', () => {
    expect(verdict(day(10, 9), 95, 30).expected).toBe(95)
  })

  test('a fifth more than usual is worth a word only when chance does not explain it', () => {
    expect(verdict(day(100, 9), 1500, 0).kind).toBe('more')
    expect(verdict(day(100, 9), 600, 0).kind).toBe('less')
    expect(verdict(day(100, 9), 1000, 0).kind).toBe('usual')
    // Two instead of one is a hundred per cent more, and nothing.
    expect(verdict(day(0.1, 9), 2, 0).kind).toBe('usual')
    expect(verdict(day(0, 9), 50, 0).kind).toBe('more')
  })

  test('without earlier weeks nothing is said', () => {
    const { kind, deviation } = verdict(day(null, 9), 12, 0)
    expect([kind, deviation]).toEqual(['unknown', null])
  })
})

test('numbers are written as people read them', () => {
  expect(whole(1234567)).toBe('1,234,567')
  expect(share(0.9855)).toBe('98.6%')
  expect(share(null)).toBe('—')
  expect(change(0.062)).toBe('+6.2%')
  expect(change(-0.5)).toBe('-50%')
  expect(change(0)).toBe('0%')
  expect(points(0.0081)).toBe('+0.8')
})

test('a change of few is a difference, not a percentage', () => {
  expect(against(18, 2)).toEqual({ change: '+16', few: true })
  expect(against(3, 0)).toEqual({ change: '+3', few: true })
  expect(against(15, 20)).toEqual({ change: '-25%', few: false })
})

test('what lies in no district is said, so that the parts sum to the whole', () => {
  const district = { open: 5, overdue: 1, received_today: 17 } as Overview['districts'][number]
  const today = { received: 18 } as Overview['today']
  const open = { total: 6, overdue: 1, suspended: 0 }
  const city = { today, open, districts: [district] }
  expect(outside(city)).toEqual({ open: 1, overdue: 0, received: 1 })
  const rows = [{ key: 'a', name: 'A', value: 17, text: '17' }]
  expect(withRest(rows, 18, 'rest').map((row) => row.value)).toEqual([17, 1])
  expect(withRest(rows, 17, 'rest')).toEqual(rows)
})

describe('the list behind a number', () => {
  test('takes filters of the list only, all values of each', () => {
    const filters = filtersOf('?open=true&area=370202&area=370203&cursor=x&limit=99999&evil=1')
    expect(filters.toString()).toBe('open=true&area=370202&area=370203')
  })

  test('its title says whose and which; a name never comes from the address', () => {
    const query = casesAt({ open: 'true', overdue: 'true', area: '370202' }).split('?')[1] ?? ''
    expect(titleOf(filtersOf(query), undefined)).toBe('370202 · 超时未结')
    expect(titleOf(filtersOf('title=假的'), undefined)).toBe('案件')
  })
})

describe('the inventory', () => {
  test('a tap goes one level down and keeps what was chosen', () => {
    const top = wantedOf('')
    const classes = down(top, '01') ?? ''
    expect(classes).toBe('/m/leader/city?by=subclass&class_code=01')
    const sub = down(wantedOf(classes.split('?')[1] ?? ''), '01001') ?? ''
    expect(sub).toBe('/m/leader/city?by=district&class_code=01001')
    const street = down(wantedOf(sub.split('?')[1] ?? ''), '370202') ?? ''
    expect(street).toContain('area=370202')
    expect(street).toContain('class_code=01001')
  })

  test('what has no place, or is of a foreign catalogue, leads nowhere', () => {
    expect(down(wantedOf('by=district'), '')).toBeUndefined()
    expect(down(wantedOf('by=class'), 'other:01')).toBeUndefined()
  })

  test('an unknown way of counting is the first; what is set can be taken away', () => {
    const wanted = wantedOf('by=colour&class_code=01001&area=370202001')
    expect(wanted.by).toBe('class')
    expect(narrowings(wanted)).toEqual([
      { name: 'class_code', by: 'subclass' },
      { name: 'area', by: 'street' },
    ])
    expect(cityAt({ ...wanted, area: '' })).toBe('/m/leader/city?by=class&class_code=01001')
  })
})

describe("a leader's steps", () => {
  const operation = (name: string, form: string[]) => ({ operation: name, form }) as Operation

  test('are those whose form fits the phone', () => {
    const offered = [
      operation('urge', ['opinion', 'attachments']),
      operation('supervise', ['opinion', 'attachments', 'kind', 'level', 'reply_required']),
      operation('amend', ['opinion', 'attachments', 'lon', 'lat']),
    ]
    expect(leadersOperations(offered).map((each) => each.operation)).toEqual(['urge', 'supervise'])
  })

  test('typed words outlive the page, and go when they were accepted', () => {
    writeDraft(8, 200, 'urge', { ...BLANK, opinion: '请尽快' })
    expect(readDraft(8, 200, 'urge').opinion).toBe('请尽快')
    expect(readDraft(9, 200, 'urge').opinion).toBe('')
    dropDraft(8, 200, 'urge')
    expect(readDraft(8, 200, 'urge')).toEqual(BLANK)
  })

  test('a broken draft is no draft', () => {
    localStorage.setItem('chengyun.leader.draft.8.200.urge', '{"opinion"')
    expect(readDraft(8, 200, 'urge')).toEqual(BLANK)
  })
})

test('signing out forgets the numbers and who looked, not what was typed', () => {
  rememberPerson({ id: 8, name: '何玉兰' })
  localStorage.setItem('chengyun.leader.8.overview', '{"at":1,"data":{}}')
  localStorage.setItem('chengyun.language', 'zh')
  writeDraft(8, 200, 'urge', { ...BLANK, opinion: '请尽快' })
  forgetKept()
  expect(formerPerson()).toBeNull()
  expect(localStorage.getItem('chengyun.leader.8.overview')).toBeNull()
  expect(readDraft(8, 200, 'urge').opinion).toBe('请尽快')
  expect(localStorage.getItem('chengyun.language')).toBe('zh')
})
