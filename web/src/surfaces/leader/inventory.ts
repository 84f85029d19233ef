/** Which part of the inventory is looked at, in the page's address. */
import { COUNTED_BY, type CountedBy } from '../../api/overview'
import { levelOf } from './areas'

export interface Wanted {
  by: CountedBy
  class_code: string
  area: string
  state: string
  maintainer: string
}

const NARROWING = ['class_code', 'area', 'state', 'maintainer'] as const
const HOME = '/m/leader/city'

export function wantedOf(search: string): Wanted {
  const given = new URLSearchParams(search)
  const by = COUNTED_BY.find((each) => each === given.get('by')) ?? 'class'
  const one = (name: string) => given.get(name) ?? ''
  return {
    by,
    class_code: one('class_code'),
    area: one('area'),
    state: one('state'),
    maintainer: one('maintainer'),
  }
}

export function inventoryQuery(wanted: Wanted): URLSearchParams {
  const query = new URLSearchParams({ by: wanted.by })
  for (const name of NARROWING) if (wanted[name]) query.set(name, wanted[name])
  return query
}

export function cityAt(wanted: Wanted): string {
  return `${HOME}?${inventoryQuery(wanted)}`
}

/** Where a tap on the row `key` leads; nowhere for what has no code, or of another edition. */
export function down(wanted: Wanted, key: string): string | undefined {
  if (!key || key.includes(':')) return undefined
  const to = (by: CountedBy, narrowed: Partial<Wanted>) => cityAt({ ...wanted, ...narrowed, by })
  switch (wanted.by) {
    case 'class':
      return to('subclass', { class_code: key })
    case 'subclass':
      return to(isCommunity(wanted) ? 'state' : 'district', { class_code: key })
    case 'district':
      return to('street', { area: key })
    case 'street':
      return to(wanted.class_code ? 'state' : 'class', { area: key })
    case 'state':
      return to(wanted.class_code && !isCommunity(wanted) ? 'district' : 'class', { state: key })
    case 'maintainer':
      return to('class', { maintainer: key })
  }
}

export function isCommunity({ area }: Pick<Wanted, 'area'>): boolean {
  return area !== '' && levelOf(area) === 'community'
}

/** What the numbers may be counted by: a community has no districts. */
export function countable(wanted: Wanted): CountedBy[] {
  const fine = isCommunity(wanted)
  return COUNTED_BY.filter((by) => !fine || (by !== 'district' && by !== 'street'))
}

/** The list of the components that a narrowing leaves. */
export function componentsAt(wanted: Wanted): string {
  const query = inventoryQuery(wanted)
  query.delete('by')
  return `/m/leader/components?${query}`
}

export interface Narrowing {
  name: (typeof NARROWING)[number]
  /** By what the numbers are counted when this one is taken away. */
  by: CountedBy
}

/** What is set, with the kind of thing each code names. */
export function narrowings(wanted: Wanted): Narrowing[] {
  const kind: Record<Narrowing['name'], CountedBy> = {
    class_code: wanted.class_code.length > 2 ? 'subclass' : 'class',
    area: levelOf(wanted.area) === 'district' ? 'district' : 'street',
    state: 'state',
    maintainer: 'maintainer',
  }
  return NARROWING.filter((name) => wanted[name]).map((name) => ({ name, by: kind[name] }))
}
