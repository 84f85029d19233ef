import 'fake-indexeddb/auto'
import { act, renderHook } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { eraseDatabase } from '../../src/surfaces/field/store/database'
import { readWords, useDraft, writePhotos } from '../../src/surfaces/field/store/draft'

const EMPTY = { opinion: '', act: null as string | null }

afterEach(async () => {
  localStorage.clear()
  await eraseDatabase()
})

test('every key press is kept at once and comes back after a reload', async () => {
  const first = renderHook(() => useDraft('7.case.1', EMPTY))
  act(() => first.result.current.write({ opinion: 'half a sen' }))
  first.unmount()
  expect(readWords('7.case.1', EMPTY).opinion).toBe('half a sen')
  const again = renderHook(() => useDraft('7.case.1', EMPTY))
  expect(again.result.current.words).toEqual({ opinion: 'half a sen', act: null })
})

test('two writes in one turn do not lose the first', () => {
  const { result } = renderHook(() => useDraft('7.case.2', EMPTY))
  act(() => {
    result.current.write({ opinion: 'a' })
    result.current.write({ act: 'rework' })
  })
  expect(result.current.words).toEqual({ opinion: 'a', act: 'rework' })
})

test('drafts of two cases do not meet, and clearing one leaves the other', async () => {
  const one = renderHook(() => useDraft('7.case.3', EMPTY))
  const two = renderHook(() => useDraft('7.case.4', EMPTY))
  act(() => {
    one.result.current.write({ opinion: 'one' })
    two.result.current.write({ opinion: 'two' })
  })
  await act(() => one.result.current.clear())
  expect(readWords('7.case.3', EMPTY).opinion).toBe('')
  expect(readWords('7.case.4', EMPTY).opinion).toBe('two')
})

test('what somebody else broke in the store is an empty draft, not a broken page', async () => {
  localStorage.setItem('chengyun.field.draft.7.case.5', '{half')
  expect(readWords('7.case.5', EMPTY)).toEqual(EMPTY)
  await writePhotos('7.case.5', [])
})
