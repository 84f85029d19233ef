import { describe, expect, test } from 'vitest'
import {
  following,
  parsePeriod,
  partsOf,
  periodOf,
  periodsIn,
  plus,
  previous,
  SPANS,
  usualPart,
  yearBefore,
} from '../../src/surfaces/desk/evaluation/period'

describe('periods', () => {
  test.each([
    ['2026', '2026-01-01', '2027-01-01'],
    ['2026H2', '2026-07-01', '2027-01-01'],
    ['2026Q4', '2026-10-01', '2027-01-01'],
    ['2026-11', '2026-11-01', '2026-12-01'],
    ['2026-W47', '2026-11-16', '2026-11-23'],
    ['2020-W53', '2020-12-28', '2021-01-04'],
    ['2027-W01', '2027-01-04', '2027-01-11'],
    ['2026-W01', '2025-12-29', '2026-01-05'],
    ['2028-02-29', '2028-02-29', '2028-03-01'],
  ])('%s runs from %s until %s', (code, first, after) => {
    expect(parsePeriod(code)).toMatchObject({ code, first, after })
  })

  test.each([
    '',
    '26',
    '2026H3',
    '2026Q0',
    '2026-13',
    '2026-00',
    '2026-W00',
    '2026-W54',
    '2025-W53',
    '2026-02-29',
    '2026-11-31',
    '1949',
    '2200',
    ' 2026',
    '2026-11-20T00',
    'x',
  ])('%o is none', (code) => {
    expect(parsePeriod(code)).toBeNull()
  })

  test('every day of nine years lies in its period, which reads back as itself and has neighbours', () => {
    for (let day = '2019-12-25'; day < '2029-01-10'; day = plus(day, 1)) {
      for (const span of SPANS) {
        const period = periodOf(span, day)
        expect(period.first <= day && day < period.after, `${span} ${day}`).toBe(true)
        expect(parsePeriod(period.code)).toEqual(period)
        expect(following(previous(period))).toEqual(period)
        expect(previous(period).after).toBe(period.first)
      }
    }
  })

  test('a year ago, also where there was no such week or day', () => {
    const ago = (code: string) => {
      const period = parsePeriod(code)
      return period && yearBefore(period).code
    }
    expect(ago('2026-11')).toBe('2025-11')
    expect(ago('2026H1')).toBe('2025H1')
    expect(ago('2026-W47')).toBe('2025-W47')
    expect(ago('2021-W53')).toBeNull()
    expect(ago('2026-W53')).toBe('2025-W52')
    expect(ago('2028-02-29')).toBe('2027-02-28')
  })

  test('a year has its weeks, its months; a leap week too', () => {
    expect(periodsIn('week', 2026)).toHaveLength(53)
    expect(periodsIn('week', 2027)).toHaveLength(52)
    expect(periodsIn('month', 2026).map((each) => each.code)).toContain('2026-12')
    expect(periodsIn('half_year', 2026).map((each) => each.code)).toEqual(['2026H1', '2026H2'])
  })

  test('a line has parts shorter than the period', () => {
    for (const span of SPANS) {
      const usual = usualPart(span)
      if (usual) expect(partsOf(span)).toContain(usual)
      for (const part of partsOf(span))
        expect(SPANS.indexOf(part)).toBeGreaterThan(SPANS.indexOf(span))
    }
  })
})
