/** What the work page can show: everything that waits for me, or one kind of it. */
import { textOf } from '../search'

export const TABS = ['waiting', 'overdue', 'today', 'requests', 'supervised', 'visits'] as const
export type Tab = (typeof TABS)[number]

export interface WorkSearch {
  tab?: Tab
  cursor?: string
  /** The case that lies open. */
  case?: string
}

export function readWorkSearch(search: Record<string, unknown>): WorkSearch {
  const read: WorkSearch = {}
  const tab = TABS.find((each) => each === textOf(search.tab))
  if (tab && tab !== 'waiting') read.tab = tab
  const cursor = textOf(search.cursor)
  if (cursor) read.cursor = cursor
  const open = textOf(search.case)
  if (open && /^[1-9]\d{0,17}$/.test(open)) read.case = open
  return read
}
