/** A survey's file on its way into a register, as the server tells it. */
import type { Geometry } from 'geojson'
import { send } from '../../../api/client'
import type { Page } from '../../../api/components'

export const REGISTERS = ['components', 'unit_grids', 'addresses'] as const
export type Register = (typeof REGISTERS)[number]
export const VERDICTS = ['new', 'changed', 'gone', 'rejected'] as const
export type Verdict = (typeof VERDICTS)[number]

export interface Survey {
  id: number
  register: string
  title: string
  file_name: string
  state: string
  /** Rows of the file read so far. */
  read: number
  new: number
  changed: number
  gone: number
  same: number
  rejected: number
  /** Rows that no class of the mapping wants. */
  passed_over: number
  /** Whether what the file does not have is gone. */
  complete: boolean
  /** Whether new rows are listed one by one; of very many only their number is known. */
  new_shown: boolean
  /** So much was rejected that the file is more likely wrong than its rows. */
  too_many_rejected: boolean
  /** Why the whole file could not be read. */
  refused: { zh: string; en: string; remedy_zh: string; remedy_en: string } | null
  started_at: string
  started_by: string
  finished_at: string | null
  finished_by: string
}

export interface SurveyDetail extends Survey {
  reasons: SurveyReason[]
  /** How many rows of each verdict a reviewer left out. */
  declined: Partial<Record<Verdict, number>>
}

export interface SurveyReason {
  reason: string
  count: number
  zh: string
  en: string
  remedy_zh: string
  remedy_en: string
}

export interface SurveyRow {
  id: number
  /** Row of the file from 1; null for what the survey no longer has. */
  line: number | null
  verdict: string
  code: string
  reason: string
  detail: string
  reason_zh: string
  reason_en: string
  remedy_zh: string
  remedy_en: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  geometry: Geometry | null
  declined: boolean
}

export function surveyAt(id: number | string): string {
  return `/api/surveys/${encodeURIComponent(id)}`
}

export async function readSurveys(
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Page<Survey>> {
  const query = cursor ? `?${new URLSearchParams({ cursor })}` : ''
  return (await send(`/api/surveys${query}`, { signal })).json()
}

export async function readSurvey(id: string, signal?: AbortSignal): Promise<SurveyDetail> {
  return (await send(surveyAt(id), { signal })).json()
}

export interface RowWish {
  verdict: Verdict
  reason?: string
  cursor?: string
}

export async function readRows(
  id: string,
  { verdict, reason, cursor }: RowWish,
  signal?: AbortSignal,
): Promise<Page<SurveyRow>> {
  const query = new URLSearchParams({ verdict })
  if (reason) query.set('reason', reason)
  if (cursor) query.set('cursor', cursor)
  return (await send(`${surveyAt(id)}/rows?${query}`, { signal })).json()
}

export async function write(path: string, method: string, body?: unknown): Promise<Response> {
  return send(path, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
}

/** What applying would do, in numbers: without what was left out. */
export function toApply(survey: SurveyDetail): Record<'new' | 'changed' | 'gone', number> {
  const left = (verdict: 'new' | 'changed' | 'gone') =>
    Math.max(0, survey[verdict] - (survey.declined[verdict] ?? 0))
  return { new: left('new'), changed: left('changed'), gone: left('gone') }
}

/** A place to show of any shape: its first point. */
export function placeOf(geometry: Geometry | null): [number, number] | null {
  let part: unknown = geometry && 'coordinates' in geometry ? geometry.coordinates : null
  while (Array.isArray(part) && Array.isArray(part[0])) part = part[0]
  if (!Array.isArray(part)) return null
  const [lon, lat]: unknown[] = part
  const known = typeof lon === 'number' && typeof lat === 'number'
  return known && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null
}
