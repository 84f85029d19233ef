/** Tables of evaluation and the words for what they count, as the server gives them. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, type Schemas, take } from '../../../api/client'
import { locale, named, pick } from '../../../app/language'
import { whole } from '../../../app/numbers'
import { duration } from '../../../app/time'
import type { Kind, TableQuery } from './search'
import { t } from './words'

export type Table = Schemas['TableOut']
export type Row = Schemas['RowOut']
export type Cell = Schemas['CellOut']
export type Measure = Schemas['MeasureOut']
export type Rate = Schemas['RateOut']

const HOUR = 3_600_000

export function useTable(kind: Kind, query: TableQuery | null) {
  return useQuery({
    queryKey: ['evaluation', 'table', kind, query],
    queryFn: ({ signal }) => readTable(kind, query ?? { period: '' }, signal),
    enabled: query !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
}

export function readTable(kind: Kind, query: TableQuery, signal?: AbortSignal): Promise<Table> {
  return take(api.GET('/api/evaluation/{kind}', { params: { path: { kind }, query }, signal }))
}

export function useSchemes() {
  return useQuery({
    queryKey: ['evaluation', 'schemes'],
    queryFn: () => take(api.GET('/api/evaluation/schemes')),
    staleTime: 60_000,
  })
}

/** Everything that is counted, by code. */
export interface Dictionary {
  measures: Map<string, Measure>
  rates: Map<string, Rate>
}

export function useDictionary(): Dictionary | undefined {
  const data = useQuery({
    queryKey: ['evaluation', 'measures'],
    queryFn: () => take(api.GET('/api/evaluation/measures')),
    staleTime: HOUR,
    refetchOnWindowFocus: false,
  }).data
  return useMemo(
    () =>
      data && {
        measures: new Map(data.measures.map((each) => [each.code, each])),
        rates: new Map(data.rates.map((each) => [each.code, each])),
      },
    [data],
  )
}

/** What a cell has under a code: a count, a rate, or the score. Undefined where it has none. */
export function figureOf(cell: Cell | undefined, code: string): number | null | undefined {
  if (!cell) return undefined
  if (code === 'score') return cell.score
  return code in cell.rates ? cell.rates[code] : cell.counts[code]
}

/** These are quotients, but no shares of a whole. */
export const UNBOUNDED: ReadonlySet<string> = new Set([
  'density_km2',
  'density_grid',
  'mean_seconds',
])
const SECONDS: ReadonlySet<string> = new Set(['mean_seconds', 'used_seconds'])

/** A number as it is written: 1,204 · 96.4% · 3 分 · 0.32. */
export function writeValue(
  dictionary: Dictionary | undefined,
  code: string,
  value: number | null | undefined,
): string {
  if (value === null || value === undefined) return '—'
  if (code === 'score') return score(value)
  if (SECONDS.has(code)) return duration(value * 1000)
  if (UNBOUNDED.has(code)) return decimals(value, 2)
  return dictionary?.rates.has(code) ? exactShare(value) : whole(value)
}

export function score(value: number): string {
  return decimals(value, 1)
}

/** Always as many digits, so that a column reads as one. */
function decimals(value: number, digits: number): string {
  return value.toLocaleString(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

function exactShare(value: number): string {
  return value.toLocaleString(locale(), {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
}

export function indicatorName(dictionary: Dictionary | undefined, code: string): string {
  if (code === 'score') return t('score')
  // Written as minutes and hours, so without the server's "(seconds)".
  if (code === 'mean_seconds') return t('mean_time')
  if (code === 'used_seconds') return t('used_time')
  if (code === 'km2') return t('extent_km2')
  if (code === 'unit_grids') return t('extent_unit_grids')
  return named(dictionary?.measures.get(code) ?? dictionary?.rates.get(code), '…')
}

/** What a number means: of a count what is counted, of a rate how it is made. */
export function definition(dictionary: Dictionary | undefined, code: string): string {
  const measure = dictionary?.measures.get(code)
  if (measure) return pick(measure.says_zh, measure.says_en)
  const rate = dictionary?.rates.get(code)
  if (!rate) return code === 'score' ? t('score_says') : ''
  const sum = (codes: string[]) => {
    const names = codes.map((each) => indicatorName(dictionary, each))
    return names.length > 1 ? `(${names.join(' + ')})` : (names[0] ?? '')
  }
  const formula = `${sum(rate.over)} ÷ ${sum(rate.under)}`
  return rate.reverse ? `${formula}${t('less_is_better')}` : formula
}

/** The counts that can be opened behind a column: of a rate those above and below the line. */
export function countsBehind(dictionary: Dictionary, code: string): Measure[] {
  const rate = dictionary.rates.get(code)
  const codes = rate ? [...new Set([...rate.over, ...rate.under])] : [code]
  return codes
    .map((each) => dictionary.measures.get(each))
    .filter((each): each is Measure => each !== undefined)
}
