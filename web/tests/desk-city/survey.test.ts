import { expect, test } from 'vitest'
import { readSurveySearch } from '../../src/surfaces/desk/surveys/search'
import { placeOf, type SurveyDetail, toApply } from '../../src/surfaces/desk/surveys/survey'

test('what was left out is not applied, and is never less than nothing', () => {
  const numbers: Pick<SurveyDetail, 'new' | 'changed' | 'gone' | 'declined'> = {
    new: 5,
    changed: 2,
    gone: 1,
    declined: { new: 2, changed: 2, gone: 3 },
  }
  // Only what is counted; the rest of a survey has no say in it.
  expect(toApply(numbers as SurveyDetail)).toEqual({ new: 3, changed: 0, gone: 0 })
})

test('any shape has a place on the map, what has none has none', () => {
  const ring = [
    [
      [120, 36],
      [121, 36],
      [121, 37],
      [120, 36],
    ],
  ] // prettier-ignore
  expect(placeOf({ type: 'Polygon', coordinates: ring })).toEqual([120, 36])
  expect(placeOf({ type: 'Point', coordinates: [120, 36] })).toEqual([120, 36])
  // Metres that were taken for degrees are nowhere.
  expect(placeOf({ type: 'Point', coordinates: [500_000, 4_000_000] })).toBeNull()
  expect(placeOf(null)).toBeNull()
})

test('an address with nonsense looks at everything', () => {
  expect(readSurveySearch({ verdict: 'gone', reason: '<x>' })).toEqual({ verdict: 'gone' })
  expect(readSurveySearch({ verdict: 'all' })).toEqual({})
})
