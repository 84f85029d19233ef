import { describe, expect, test } from 'vitest'
import { readBulletin } from '../../src/surfaces/desk/evaluation/bulletin/address'
import { parsePeriod } from '../../src/surfaces/desk/evaluation/period'
import {
  type EvaluationSearch,
  readEvaluation,
  tableQuery,
  wantedPeriod,
  wantedSeries,
  withKind,
} from '../../src/surfaces/desk/evaluation/search'
import { parseSearch, stringifySearch } from '../../src/surfaces/desk/search'

const november = wantedPeriod({ period: '2026-11' })

describe('the address of the page', () => {
  test('says everything that is shown, and reads back as it was', () => {
    const search: EvaluationSearch = {
      kind: 'post',
      period: '2026-W47',
      scheme: 'collector',
      area: ['370202'],
      matter: ['national-2021:0101'],
      channel: ['citizen', 'hotline'],
      role: ['collector'],
      origin: 'live',
      against: 'year',
      all: 'true',
      sort: '-error_rate',
      show: ['operations', 'error_rate'],
      chart: 'error_rate',
      charts: 'hidden',
      series: 'day',
      pin: ['collector:collector_1'],
      look: 'error_rate',
      of: 'collector:collector_1',
      part: 'wrong_operations',
      schemes: '+collector',
    }
    expect(readEvaluation(parseSearch(stringifySearch({ ...search })))).toEqual(search)
  })

  test('what means nothing is left out, and repeated or endless values do no harm', () => {
    expect(
      readEvaluation({
        kind: 'planet',
        period: '2026-02-31',
        level: 'district',
        channel: ['carrier pigeon'],
        role: 'evaluator; drop',
        sort: '-<script>',
        show: ['A', ''],
        series: 'second',
        pin: Array.from({ length: 9 }, (_, n) => `p${n}`),
        origin: 'moon',
      }),
    ).toEqual({ pin: ['p0', 'p1', 'p2', 'p3', 'p4'] })
    expect(readBulletin({ period: 'soon', level: 'planet' })).toEqual({})
    expect(readBulletin({ period: '2026Q3', level: 'street' })).toEqual({
      period: '2026Q3',
      level: 'street',
    })
  })

  test('without a period it is the month of today', () => {
    expect(wantedPeriod({}, '2026-11-22').code).toBe('2026-11')
  })

  test('a line is not divided into parts that are not shorter', () => {
    expect(wantedSeries({ series: 'quarter' }, november)).toBe('day')
    expect(wantedSeries({ series: 'week' }, november)).toBe('week')
    const day = parsePeriod('2026-11-20')
    expect(day && wantedSeries({}, day)).toBeNull()
  })
})

describe('what the server is asked', () => {
  test('a kind is asked only what it knows', () => {
    const search: EvaluationSearch = { level: 'street', role: ['handler'], repeats: 'true' }
    expect(tableQuery(search, november)).toEqual({
      period: '2026-11',
      level: 'street',
      repeats: true,
    })
    expect(tableQuery({ ...search, kind: 'post' }, november)).toEqual({
      period: '2026-11',
      role: ['handler'],
    })
  })

  test('another kind keeps the period and the filters, not the rows and columns', () => {
    const before: EvaluationSearch = {
      period: '2026',
      area: ['370202'],
      level: 'street',
      pin: ['370202001'],
      sort: 'density_km2',
      look: 'filed',
      of: '370202001',
    }
    expect(withKind(before, 'department')).toEqual({
      period: '2026',
      area: ['370202'],
      kind: 'department',
    })
  })
})
