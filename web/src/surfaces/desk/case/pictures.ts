/** The photos of a case in three heaps: as it was found, after the work, as it was checked. */
import type { CaseDetail } from './shape'

export type Group = 'before' | 'after' | 'check'
export const GROUPS: readonly Group[] = ['before', 'after', 'check']

export interface Picture {
  key: string
  group: Group
  /** Number within its heap, from one. */
  n: number
}

const AFTER = new Set(['make_safe', 'finish', 'co_finish', 'self_handle'])
const CHECK = new Set(['pass_check', 'rework', 'cannot_check', 'close', 'visit_back'])

export function picturesOf(detail: CaseDetail): Picture[] {
  const heaps: Record<Group, Set<string>> = {
    before: new Set(),
    after: new Set(),
    check: new Set(),
  }
  for (const report of detail.reports) {
    for (const key of report.attachments) heaps.before.add(key)
  }
  for (const record of [...detail.records].sort((a, b) => a.seq - b.seq)) {
    const { operation } = record
    const group = AFTER.has(operation) ? 'after' : CHECK.has(operation) ? 'check' : 'before'
    for (const key of record.attachments) heaps[group].add(key)
  }
  return GROUPS.flatMap((group) =>
    [...heaps[group]].map((key, index) => ({ key, group, n: index + 1 })),
  )
}
