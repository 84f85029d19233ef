/** Filters that a person keeps under a name. */
import { stringifySearch } from '../search'
import { type CaseSearch, filterOf, readSearch } from './filters'

export interface View {
  name: string
  search: CaseSearch
}

export interface Views {
  list: View[]
  /** The name of the one that the list opens with. */
  first?: string
}

export const NO_VIEWS: Views = { list: [] }
export const LONGEST_NAME = 30
export const MOST_VIEWS = 30

export function isViews(value: unknown): value is Views {
  if (typeof value !== 'object' || value === null || !('list' in value)) return false
  const { list } = value
  return (
    Array.isArray(list) &&
    list.every(
      (view: unknown) =>
        typeof view === 'object' &&
        view !== null &&
        'name' in view &&
        typeof view.name === 'string' &&
        'search' in view &&
        typeof view.search === 'object' &&
        view.search !== null,
    )
  )
}

/** What is kept of an address: the filter and the order, neither page nor open case. */
export function kept(search: CaseSearch): CaseSearch {
  const filter = filterOf(search)
  return search.order ? { ...filter, order: search.order } : filter
}

export function sameFilter(one: CaseSearch, other: CaseSearch): boolean {
  return written(one) === written(other)
}

function written(search: CaseSearch): string {
  const entries = Object.entries(kept(readSearch({ ...search })))
  return stringifySearch(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** A name that is there already is kept with the new filter. */
export function withView(views: Views, name: string, search: CaseSearch): Views {
  const view = { name, search: kept(search) }
  const known = views.list.some((each) => each.name === name)
  const list = known
    ? views.list.map((each) => (each.name === name ? view : each))
    : [...views.list, view].slice(-MOST_VIEWS)
  return { ...views, list }
}

export function withoutView(views: Views, name: string): Views {
  const list = views.list.filter((each) => each.name !== name)
  return views.first === name ? { list } : { ...views, list }
}

/** Another name for one; a name that is taken changes nothing. */
export function renamed(views: Views, from: string, to: string): Views {
  const taken = views.list.some((each) => each.name === to)
  if (!to || taken) return views
  const list = views.list.map((each) => (each.name === from ? { ...each, name: to } : each))
  return views.first === from ? { list, first: to } : { ...views, list }
}

export function withFirst(views: Views, name: string): Views {
  return views.first === name ? { list: views.list } : { ...views, first: name }
}
