/** Components of the city's register: one with its life, photos and cases, and lists of many. */
import type { Geometry } from 'geojson'
import { pick } from '../app/language'
import { send } from './client'
import type { CaseRow } from './overview'

interface Named {
  code: string
  name_zh: string
  name_en: string
}

export const COMPONENT_STATES = ['intact', 'damaged', 'lost', 'abandoned', 'removed'] as const

export interface Component {
  code: string
  name: string
  component_class: string
  class_zh: string
  class_en: string
  edition: string
  state: string
  lon: number
  lat: number
  /** a, b, c; empty for not known. */
  accuracy: string
  unit_grid: string | null
  authority: Named | null
  owner: Named | null
  maintainer: Named | null
  first_surveyed: string | null
  changed_on: string | null
  source: string
  remark: string
}

/** What it is called; one that is called like its class is so in English too. */
export function nameOf(row: Component): string {
  const own = row.name && row.name !== row.class_zh
  return own ? row.name : pick(row.class_zh, row.class_en)
}

export interface ComponentPhoto {
  /** Key of the image. */
  attachment: string
  width: number
  height: number
  taken_at: string | null
  added_at: string
  added_by: string
}

export interface ComponentDetail extends Component {
  /** As registered; `areas` follow from the place, the city first. */
  street_code: string
  street_name: string
  community_code: string
  community_name: string
  areas: (Named & { level: string })[]
  duty_grids: { code: string; name: string; kind: string }[]
  survey: { id: number; title: string; day: string | null } | null
  /** Lines or polygons of what is more than a point. */
  outline: Geometry | null
  photos: ComponentPhoto[]
  /** What whoever asks may do now. */
  may: { change: boolean; remove: boolean; restore: boolean; add_photo: boolean }
  version: string
}

export interface ComponentChange {
  id: number
  at: string
  verb: string
  actor: string
  origin: string
  survey: number | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export interface Page<T> {
  items: T[]
  next?: string | null
  previous?: string | null
}

export function componentAt(code: string): string {
  return `/api/components/${encodeURIComponent(code)}`
}

async function page<T>(
  path: string,
  query: URLSearchParams,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Page<T>> {
  const whole = new URLSearchParams(query)
  if (cursor) whole.set('cursor', cursor)
  return (await send(`${path}?${whole}`, { signal })).json()
}

/** How long a list is; not `exact`: estimated. */
export interface ComponentTotal {
  count: number
  exact: boolean
}

export async function readComponentTotal(
  query: URLSearchParams,
  exact: boolean,
  signal?: AbortSignal,
): Promise<ComponentTotal> {
  const whole = new URLSearchParams(query)
  if (exact) whole.set('exact', 'true')
  return (await send(`/api/components/total?${whole}`, { signal })).json()
}

export function readComponents(
  query: URLSearchParams,
  cursor: string | null,
  signal?: AbortSignal,
) {
  return page<Component>('/api/components', query, cursor, signal)
}

export async function readComponent(code: string, signal?: AbortSignal): Promise<ComponentDetail> {
  return (await send(componentAt(code), { signal })).json()
}

export function readChanges(code: string, cursor: string | null, signal?: AbortSignal) {
  return page<ComponentChange>(
    `${componentAt(code)}/changes`,
    new URLSearchParams(),
    cursor,
    signal,
  )
}

/** Open cases first, as the server sorts them. */
export function readCasesOf(code: string, cursor: string | null, signal?: AbortSignal) {
  return page<CaseRow>(`${componentAt(code)}/cases`, new URLSearchParams(), cursor, signal)
}
