import { beforeEach, describe, expect, test } from 'vitest'
import {
  differences,
  patchOf,
  rebased,
  statesAfter,
  type Values,
} from '../../src/surfaces/desk/component/change'
import { dropDraft, keepDraft, readDraft } from '../../src/surfaces/desk/component/draft'
import { componentQuery, readComponentSearch } from '../../src/surfaces/desk/component/search'

const BASE: Values = {
  name: '路灯',
  state: 'intact',
  lon: 120.3,
  lat: 36.1,
  accuracy: 'a',
  authority: 'a-1',
  owner: '',
  maintainer: 'm-1',
  first_surveyed: '2020-05-01',
  source: '',
  remark: '',
  street_code: '370202001',
  community_code: '370202001002',
}

beforeEach(() => localStorage.clear())

describe('a change of a component', () => {
  test('sends only what differs, and on which version', () => {
    expect(patchOf(BASE, { ...BASE, remark: '灯杆歪斜' }, 'v1')).toEqual({
      remark: '灯杆歪斜',
      version: 'v1',
    })
    expect(patchOf(BASE, BASE, 'v1')).toEqual({})
  })
  test('a place goes as two numbers, nobody as null', () => {
    const moved = { ...BASE, lat: 36.2, maintainer: '', first_surveyed: '' }
    expect(patchOf(BASE, moved, 'v1')).toEqual({
      lon: 120.3,
      lat: 36.2,
      maintainer: null,
      first_surveyed: null,
      version: 'v1',
    })
  })
  test('somebody was faster: their words below, mine on top', () => {
    const mine = { ...BASE, remark: '我写的' }
    const theirs = { ...BASE, state: 'damaged', remark: '他写的' }
    expect(rebased(BASE, mine, theirs)).toEqual({ ...theirs, remark: '我写的' })
  })
  test('nobody removes by changing the state', () => {
    for (const state of ['intact', 'damaged', 'lost', 'abandoned']) {
      expect(statesAfter(state)).not.toContain('removed')
    }
    expect(statesAfter('removed')).toEqual([])
  })
})

describe('a change is told field by field', () => {
  test('a place is one thing, and the day of the change is not told again', () => {
    const told = differences({
      before: { lon: 120.3, state: 'intact', changed_on: null },
      after: { lon: 120.4, state: 'lost', changed_on: '2026-11-22' },
    })
    expect(told).toEqual([
      { field: 'place', before: '120.3000000, …', after: '120.4000000, …' },
      { field: 'state', before: 'intact', after: 'lost' },
    ])
  })
  test('what had no side before has none', () => {
    expect(differences({ before: null, after: { photo: 'k' } })).toEqual([
      { field: 'photo', before: '', after: 'k' },
    ])
  })
})

test('a draft is one person’s, and what is no draft is none', () => {
  keepDraft(1, 'c', { version: 'v', base: BASE, values: { ...BASE, remark: 'x' } })
  expect(readDraft(1, 'c')?.values.remark).toBe('x')
  expect(readDraft(2, 'c')).toBeNull()
  localStorage.setItem('chengyun.draft.2.component.c', '"nonsense')
  expect(readDraft(2, 'c')).toBeNull()
  dropDraft(1, 'c')
  expect(readDraft(1, 'c')).toBeNull()
})

test('an address with nonsense narrows nothing', () => {
  const read = readComponentSearch({
    state: 'broken',
    class: '<b>',
    area: '370202',
    text: ' 路灯 ',
  })
  expect(read).toEqual({ area: '370202', text: '路灯' })
  expect(componentQuery({ ...read, cursor: 'c' }).toString()).toBe(
    `area=370202&text=${encodeURIComponent('路灯')}`,
  )
})
