/** The city now and its inventory, as the server counts them for the person who asks. */
import { type Schemas, send } from './client'

export type CaseRow = Schemas['CaseRow']

interface NamedCode {
  code: string
  name_zh: string
  name_en: string
}

/** An hour of the city's day: today (null: to come) and the mean of the same weekday before. */
export interface Hour {
  hour: number
  today: number | null
  norm: number | null
}

/** `on_time_rate` of the last seven days, 0 to 1; null when nothing was closed. */
export interface District extends NamedCode {
  lon: number | null
  lat: number | null
  open: number
  overdue: number
  received_today: number
  closed_week: number
  on_time_rate: number | null
}

export interface LateDepartment extends NamedCode {
  id: number
  overdue: number
  open: number
  oldest_due_at: string
}

export interface Overview {
  at: string
  today: {
    received: number
    filed: number
    closed: number
    received_yesterday_by_now: number
    closed_yesterday_by_now: number
  }
  open: { total: number; overdue: number; suspended: number }
  week: {
    closed: number
    on_time_rate: number | null
    previous_on_time_rate: number | null
  }
  hours: Hour[]
  classes: (NamedCode & { count: number })[]
  districts: District[]
  late_departments: LateDepartment[]
  newest: CaseRow[]
}

/** What the inventory may be counted by. */
export const COUNTED_BY = [
  'class',
  'subclass',
  'district',
  'street',
  'state',
  'maintainer',
] as const
export type CountedBy = (typeof COUNTED_BY)[number]

export interface Inventory {
  total: number
  by: CountedBy
  rows: { key: string; name_zh: string; name_en: string; count: number; damaged: number }[]
  areas: Record<string, number>
  unit_grids: number
  duty_grids: number
}

export async function readOverview(signal?: AbortSignal): Promise<Overview> {
  return (await send('/api/overview', { signal })).json()
}

export async function readInventory(query: URLSearchParams, signal?: AbortSignal) {
  const answer = await send(`/api/inventory?${query}`, { signal })
  return answer.json() as Promise<Inventory>
}
