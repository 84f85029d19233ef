/** What the list of components is narrowed by: the page's address is its state. */
import { COMPONENT_STATES } from '../../../api/components'
import { textOf } from '../search'

export interface ComponentSearch {
  class?: string
  area?: string
  state?: string
  maintainer?: string
  /** The beginning of a code or a name. */
  text?: string
  cursor?: string
  /** Which page the cursor is at, as counted while turning; cursors themselves do not know. */
  page?: string
}

const NAMES = ['class', 'area', 'maintainer', 'text'] as const
const CODE = /^[0-9A-Za-z_.-]{1,64}$/

export function readComponentSearch(search: Record<string, unknown>): ComponentSearch {
  const read: ComponentSearch = {}
  for (const name of ['class', 'area', 'maintainer'] as const) {
    const code = textOf(search[name])
    if (code && CODE.test(code)) read[name] = code
  }
  const state = COMPONENT_STATES.find((each) => each === textOf(search.state))
  if (state) read.state = state
  const text = textOf(search.text)?.trim().slice(0, 100)
  if (text) read.text = text
  const cursor = textOf(search.cursor)
  if (cursor) {
    read.cursor = cursor
    const page = textOf(search.page)
    if (page && /^[1-9]\d{0,6}$/.test(page)) read.page = page
  }
  return read
}

/** Query string of the list and of its files. */
export function componentQuery(search: ComponentSearch): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of [...NAMES, 'state'] as const) {
    const value = search[name]
    if (value) query.set(name, value)
  }
  return query
}

export function isNarrowed(search: ComponentSearch): boolean {
  return componentQuery(search).size > 0
}
