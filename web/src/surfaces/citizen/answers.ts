/** What the server answers to the citizen's pages, and how it is asked. */
import { api, type Schemas, send, take } from '../../api/client'
import type { State } from '../../app/phase'
import type { Spot } from './draft'

export type Place = Schemas['PlaceOut']

export interface SuggestedMatter {
  matter_id: number
  name_zh: string
  name_en: string
  class_zh: string
  class_en: string
  reason_zh: string
  reason_en: string
}

/** A public open case near the spot. */
export interface Nearby {
  case_id: number
  number: string | null
  state: State
  matter_zh: string
  matter_en: string
  excerpt: string
  reported_at: string
  distance_m: number
}

export interface Suggested {
  matters: SuggestedMatter[]
  duplicates: Nearby[]
}

export interface Matter {
  id: number
  class_code: string
  class_zh: string
  class_en: string
  name_zh: string
  name_en: string
  aliases: string[]
}

export interface ReportBody {
  text: string
  matter_id: number | null
  lon: number | null
  lat: number | null
  system: string
  address: string
  contact: { name: string; phone: string } | null
  attachments: string[]
  public: boolean
  same_as: number | null
}

export interface Receipt {
  number: string
  code: string
  created: boolean
}

export interface Followed {
  number: string
  state?: State
  state_zh: string
  state_en: string
  done: boolean
  text: string
  address: string
  reported_at: string
  expected_at: string | null
  department_zh: string | null
  note: string
  may_rate: boolean
  steps: { at: string; operation?: string; zh: string; en: string }[]
}

/** An answer that never comes is no answer: the draft is worth more than the wait. */
const PATIENCE_MS = 60_000

export function placeAt(spot: Spot, signal: AbortSignal): Promise<Place> {
  const { lon, lat, system } = spot
  return take(api.GET('/api/places', { params: { query: { lon, lat, system } }, signal }))
}

export interface Question {
  text: string
  lon: number | null
  lat: number | null
  address: string
  matter: number | null
}

export async function suggestionsFor(question: Question, signal: AbortSignal): Promise<Suggested> {
  return (await post('/api/suggestions', question, { signal })).json()
}

export async function allMatters(signal: AbortSignal): Promise<Matter[]> {
  const editions = await take(api.GET('/api/editions', { signal }))
  const own = editions.find((edition) => edition.is_default) ?? editions[0]
  if (!own) return []
  return (await send(`/api/editions/${own.code}/matters`, { signal })).json()
}

export async function postReport(body: ReportBody, key: string): Promise<Receipt> {
  const headers = { 'Idempotency-Key': key }
  return (await post('/api/reports', body, { headers, signal: timeout() })).json()
}

export async function followed(
  number: string,
  code: string,
  signal: AbortSignal,
): Promise<Followed> {
  const query = `code=${encodeURIComponent(code)}`
  return (await send(`/api/reports/${encodeURIComponent(number)}?${query}`, { signal })).json()
}

export function rate(
  number: string,
  body: { code: string; answered: boolean; solved: boolean; satisfied: boolean; note: string },
) {
  return take(
    api.POST('/api/reports/{number}/rating', {
      params: { path: { number } },
      body,
      signal: timeout(),
    }),
  )
}

function timeout(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MS)
}

function post(path: string, body: unknown, init: RequestInit): Promise<Response> {
  return send(path, {
    ...init,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...init.headers },
    body: JSON.stringify(body),
  })
}
