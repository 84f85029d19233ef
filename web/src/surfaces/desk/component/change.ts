/** What a change of a component is: the form's values, what differs, and how it is told. */
import type { ComponentChange, ComponentDetail } from '../../../api/components'

export interface Values {
  name: string
  state: string
  lon: number
  lat: number
  accuracy: string
  /** Codes of organisations; empty for none. */
  authority: string
  owner: string
  maintainer: string
  /** A day, or empty. */
  first_surveyed: string
  source: string
  remark: string
  street_code: string
  community_code: string
}

export function valuesOf(detail: ComponentDetail): Values {
  return {
    name: detail.name,
    state: detail.state,
    lon: detail.lon,
    lat: detail.lat,
    accuracy: detail.accuracy,
    authority: detail.authority?.code ?? '',
    owner: detail.owner?.code ?? '',
    maintainer: detail.maintainer?.code ?? '',
    first_surveyed: detail.first_surveyed ?? '',
    source: detail.source,
    remark: detail.remark,
    street_code: detail.street_code,
    community_code: detail.community_code,
  }
}

const NULLABLE = new Set<keyof Values>(['authority', 'owner', 'maintainer', 'first_surveyed'])

/** The body of a change: what differs from what the form was opened on, and its version. Only that
 * is sent, so that two people who change different things do not undo each other. */
export function patchOf(base: Values, now: Values, version: string): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const name of differing(base, now)) {
    if (name === 'lon' || name === 'lat') {
      patch.lon = now.lon
      patch.lat = now.lat
    } else {
      patch[name] = NULLABLE.has(name) ? now[name] || null : now[name]
    }
  }
  return Object.keys(patch).length ? { ...patch, version } : patch
}

export function differing(a: Values, b: Values): (keyof Values)[] {
  return (Object.keys(a) as (keyof Values)[]).filter((name) => a[name] !== b[name])
}

/** The other's changes with one's own on top: what oneself did not touch follows the register. */
export function rebased(base: Values, mine: Values, theirs: Values): Values {
  const own = Object.fromEntries(differing(base, mine).map((name) => [name, mine[name]]))
  return { ...theirs, ...own }
}

export interface Difference {
  field: string
  before: string
  after: string
}

/** Of the states, which may follow which; removing and restoring are steps of their own. */
const BECOMES: Record<string, readonly string[]> = {
  intact: ['damaged', 'lost', 'abandoned'],
  damaged: ['intact', 'lost', 'abandoned'],
  lost: ['intact', 'damaged', 'abandoned'],
  abandoned: ['intact', 'lost'],
}

export function statesAfter(state: string): readonly string[] {
  return BECOMES[state] ?? []
}

/** What differs, field by field; a place is one thing though it has two numbers. */
export function differences({ before, after }: Pick<ComponentChange, 'before' | 'after'>) {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  // The day of a change goes with every change: it says something only where it stands alone.
  if (names.size > 1) names.delete('changed_on')
  const found: Difference[] = []
  if (names.delete('lon') || names.delete('lat')) {
    names.delete('lat')
    found.push({ field: 'place', before: placeOf(before), after: placeOf(after) })
  }
  for (const field of names) {
    found.push({ field, before: textOf(before?.[field]), after: textOf(after?.[field]) })
  }
  return found
}

function placeOf(side: Record<string, unknown> | null): string {
  const { lon, lat } = side ?? {}
  if (typeof lon !== 'number' && typeof lat !== 'number') return ''
  const degrees = (value: unknown) => (typeof value === 'number' ? value.toFixed(7) : '…')
  return `${degrees(lon)}, ${degrees(lat)}`
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
