/** What the server answers to the citizen's pages, and how it is asked. */
import { api, type Schemas, send, take } from '../../api/client'
import type { State } from '../../app/phase'
import type { Spot } from './draft'

export type Place = Schemas['PlaceOut']

export type SuggestedMatter = Schemas['SuggestedMatter']
/** A public open case near the spot. */
export type Nearby = Omit<Schemas['NearbyOut'], 'state'> & { state: State }
export interface Suggested {
  matters: SuggestedMatter[]
  duplicates: Nearby[]
}
export type Matter = Pick<
  Schemas['MatterOut'],
  'id' | 'class_code' | 'class_zh' | 'class_en' | 'name_zh' | 'name_en' | 'aliases'
>
export type ReportBody = Required<
  Pick<
    Schemas['ReportIn'],
    | 'text'
    | 'matter_id'
    | 'lon'
    | 'lat'
    | 'system'
    | 'address'
    | 'attachments'
    | 'public'
    | 'same_as'
  >
> & { contact: { name: string; phone: string } | null }
export type Receipt = Pick<Schemas['ReceiptOut'], 'number' | 'code' | 'created'>
export type Followed = Schemas['FollowOut']

/** An answer that never comes is no answer: the draft is worth more than the wait. */
const PATIENCE_MS = 60_000

export function placeAt(spot: Spot, signal: AbortSignal): Promise<Place> {
  const { lon, lat, system } = spot
  return take(api.GET('/api/places', { params: { query: { lon, lat, system } }, signal }))
}

export type FoundPlace = Schemas['FoundOut']

/** Addresses and areas of this name, the best first; `near` is the middle of what is looked at. */
export async function placesNamed(
  q: string,
  near: readonly number[] | null,
  signal: AbortSignal,
): Promise<FoundPlace[]> {
  const where = near ? { near: near.map((each) => each.toFixed(4)).join() } : {}
  const query = { q, kinds: 'address,area', limit: 10, ...where }
  return (await take(api.GET('/api/find', { params: { query }, signal }))).items
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
  const path = { edition: own.code }
  return take(api.GET('/api/editions/{edition}/matters', { params: { path }, signal }))
}

export async function postReport(body: ReportBody, key: string): Promise<Receipt> {
  const headers = { 'Idempotency-Key': key }
  return (await post('/api/reports', body, { headers, signal: timeout() })).json()
}

export function followed(number: string, code: string, signal: AbortSignal): Promise<Followed> {
  const params = { path: { number }, query: { code } }
  return take(api.GET('/api/reports/{number}', { params, signal }))
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
