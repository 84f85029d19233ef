/** Which tasks, in which order. */
import { metres } from '../distance'
import type { TaskRow } from './read'

export type Sort = 'due' | 'near'
export const KINDS = ['verify', 'check', 'handle', 'co_handle'] as const
export type Kind = (typeof KINDS)[number]

interface Place {
  lon: number
  lat: number
}

export function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind)
}

export function distanceOf(task: TaskRow, from: Place | null): number | null {
  const { lon, lat } = task.case
  return from && lon !== null && lat !== null ? metres(from, { lon, lat }) : null
}

function due(task: TaskRow): number {
  const limit = task.case.stage_due_at ?? task.due_at
  return limit ? Date.parse(limit) : Number.POSITIVE_INFINITY
}

/** Nearest first where the phone knows where it is, else the nearest deadline first. */
export function ordered(
  tasks: readonly TaskRow[],
  kind: Kind | 'all',
  sort: Sort,
  from: Place | null,
): TaskRow[] {
  const wanted = tasks.filter((task) => kind === 'all' || task.kind === kind)
  const distance = (task: TaskRow) => distanceOf(task, from) ?? Number.POSITIVE_INFINITY
  const byDue = (a: TaskRow, b: TaskRow) => compare(due(a), due(b)) || a.id - b.id
  if (sort === 'due' || !from) return wanted.sort(byDue)
  return wanted.sort((a, b) => compare(distance(a), distance(b)) || byDue(a, b))
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
