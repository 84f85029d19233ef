/** Which cases a number stands for: the filters of `/api/cases`, in the page's address. */
import type { Overview } from '../../api/overview'
import { startOf, today } from '../../app/days'
import { named } from '../../app/language'
import { t } from './words'

const FILTERS = [
  'open',
  'overdue',
  'state',
  'area',
  'department',
  'matter',
  'reported_from',
  'closed_from',
  'waiting',
  'order',
  'text',
] // prettier-ignore

const HOME = '/m/leader/cases'

/** The address of the list of these cases. */
export function casesAt(filters: Record<string, string>): string {
  return `${HOME}?${new URLSearchParams(filters)}`
}

/** What each figure of the day counts. */
export const COUNTED = {
  received: () => casesAt({ reported_from: startOf(today()) }),
  open: () => casesAt({ open: 'true' }),
  overdue: () => casesAt({ open: 'true', overdue: 'true', order: 'due' }),
  suspended: () => casesAt({ state: 'suspended' }),
  closedToday: () => casesAt({ state: 'closed', closed_from: startOf(today()) }),
  closedWeek: () => casesAt({ state: 'closed', closed_from: startOf(today(), -6) }),
}

/** The filters of an address; what is none of ours is left out. */
export function filtersOf(search: string): URLSearchParams {
  const given = new URLSearchParams(search)
  const kept = new URLSearchParams()
  for (const name of FILTERS) for (const value of given.getAll(name)) kept.append(name, value)
  return kept
}

/** The list's title: whose, then which. Names come from the overview, not from the address. */
export function titleOf(filters: URLSearchParams, overview: Overview | undefined): string {
  const parts: string[] = []
  const find = (
    name: string,
    among: readonly { code: string; name_zh: string; name_en: string }[] = [],
  ) => {
    const code = filters.get(name)
    if (code)
      parts.push(
        named(
          among.find((each) => each.code === code),
          code,
        ),
      )
  }
  find('area', overview?.districts)
  find('department', overview?.late_departments)
  find('matter', overview?.classes)
  if (filters.get('waiting')) parts.push(t('list_waiting'))
  else if (filters.get('overdue')) parts.push(t('list_overdue'))
  else if (filters.get('state') === 'suspended') parts.push(t('list_suspended'))
  else if (filters.get('closed_from')) parts.push(t('list_closed'))
  else if (filters.get('reported_from')) parts.push(t('list_received'))
  else if (filters.get('open')) parts.push(t('list_open'))
  return parts.join(' · ') || t('list_all')
}
