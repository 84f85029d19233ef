/** What lists ask the server: a page of rows, its total, the counts by state. */
import { type Schemas, send } from '../../../api/client'

export type CaseRow = Schemas['CaseRow']
export type StateCount = Schemas['StateCount']

export interface RowPage {
  items: CaseRow[]
  next: string | null
  previous: string | null
}

export interface Total {
  count: number
  capped: boolean
}

export const PAGE = 50
/** As many cases as one question may name. */
export const MOST_IDS = 200

async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { signal })
  return (await response.json()) as T
}

/** `query` is written by `listQuery`. */
export function readRows(query: string, cursor: string, signal?: AbortSignal): Promise<RowPage> {
  const place = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
  return ask(`/api/cases?${query}&limit=${PAGE}${place}`, signal)
}

/** Of these cases, those that the filter leaves (an empty one leaves all that may be seen). */
export async function readAgain(ids: readonly number[], query = ''): Promise<CaseRow[]> {
  const some = ids.slice(0, MOST_IDS)
  if (some.length === 0) return []
  const wanted = new URLSearchParams(query)
  for (const id of some) wanted.append('ids', String(id))
  wanted.set('limit', String(MOST_IDS))
  return (await ask<RowPage>(`/api/cases?${wanted}`)).items
}

export function readTotal(query: string, signal?: AbortSignal): Promise<Total> {
  return ask(`/api/cases/total?${query}`, signal)
}

export function readCounts(query: string, signal?: AbortSignal): Promise<StateCount[]> {
  return ask(`/api/cases/counts?${query}`, signal)
}
