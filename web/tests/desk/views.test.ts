import { expect, test } from 'vitest'
import { isColumns } from '../../src/surfaces/desk/list/columns'
import {
  isViews,
  MOST_VIEWS,
  NO_VIEWS,
  renamed,
  sameFilter,
  type Views,
  withFirst,
  withoutView,
  withView,
} from '../../src/surfaces/desk/list/views'

const search = { state: ['handling'], order: 'due', cursor: 'x', case: '3' } as const
const one: Views = withView(NO_VIEWS, '在办', { ...search, state: ['handling'] })

test('a view keeps filter and order, neither page nor open case', () => {
  expect(one.list).toEqual([{ name: '在办', search: { state: ['handling'], order: 'due' } }])
})

test('a name that is there is kept with the new filter, at its place', () => {
  const two = withView(withView(one, '超时', { overdue: 'true' }), '在办', { mine: 'true' })
  expect(two.list.map((view) => view.name)).toEqual(['在办', '超时'])
  expect(two.list[0]?.search).toEqual({ mine: 'true' })
})

test('the first view follows its name and goes with it', () => {
  const first = withFirst(one, '在办')
  expect(first.first).toBe('在办')
  expect(renamed(first, '在办', '处置').first).toBe('处置')
  expect(renamed(first, '在办', '')).toBe(first)
  expect(withoutView(first, '在办')).toEqual(NO_VIEWS)
  expect(withFirst(first, '在办').first).toBeUndefined()
})

test('a name that is taken stays with its view', () => {
  const two = withView(one, '超时', { overdue: 'true' })
  expect(renamed(two, '超时', '在办')).toBe(two)
})

test('there is an end to how many are kept', () => {
  let views: Views = NO_VIEWS
  for (let n = 0; n < MOST_VIEWS + 5; n += 1) views = withView(views, `v${n}`, {})
  expect(views.list).toHaveLength(MOST_VIEWS)
})

test('two addresses are the same filter whatever their order, page and open case', () => {
  expect(sameFilter({ text: 'a', mine: 'true', case: '1' }, { mine: 'true', text: 'a' })).toBe(true)
  expect(sameFilter({ text: 'a' }, { text: 'b' })).toBe(false)
})

test('what an older page kept is looked at before it is used', () => {
  expect(isViews(one)).toBe(true)
  for (const wrong of [
    null,
    [],
    { list: [{ name: 1 }] },
    { list: [{ name: 'a', search: null }] },
  ]) {
    expect(isViews(wrong)).toBe(false)
  }
  expect(isColumns(['number', 'state'])).toBe(true)
  for (const wrong of [[], ['number', 'number'], ['price'], 'number', null]) {
    expect(isColumns(wrong)).toBe(false)
  }
})
