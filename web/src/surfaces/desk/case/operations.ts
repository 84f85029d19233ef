/** Which buttons stand first. What may be pressed at all is the server's word. */
import type { Operation } from './shape'

/** Nearest to the main path first; what is not named here waits under "more". */
const RANK = [
  'grant_forced_close',
  'refuse_forced_close',
  'grant_deferral',
  'endorse_deferral',
  'refuse_deferral',
  'grant_suspension',
  'refuse_suspension',
  'grant_extension',
  'refuse_extension',
  'grant_appeal',
  'endorse_appeal',
  'refuse_appeal',
  'accept',
  'send_verify',
  'verify',
  'file',
  'dispatch',
  'sign',
  'finish',
  'assign',
  // Offered whether or not somebody supervises: it does not stand before the work itself.
  'answer_supervision',
  'forward',
  'pass_check',
  'close',
  'rework',
  'reject_feedback',
  'cannot_check',
  'recheck',
  'return_report',
  'return_case',
  'refuse',
  'return_dispatch',
  'make_safe',
  'ask_extension',
  'visit_back',
  'reopen',
  'resume',
  'redispatch',
  'split',
  'unmerge',
  'supervise',
  'urge',
]

/** Steps that end something for good or take it from somebody: shown in the colour of warning. */
export const GRAVE: ReadonlySet<string> = new Set(['void', 'refuse', 'grant_forced_close'])

/** What corrects a step that was just made, if the server offers it then. */
const CORRECTS: Record<string, string> = {
  assign: 'unassign',
  merge: 'unmerge',
  dispatch: 'redispatch',
  redispatch: 'redispatch',
  close: 'reopen',
  grant_forced_close: 'reopen',
  grant_suspension: 'resume',
  grant_deferral: 'resume',
  pass_check: 'rework',
}

export interface Arranged {
  main: Operation[]
  more: Operation[]
}

export function arranged(operations: readonly Operation[], most = 5): Arranged {
  const rank = (operation: Operation) => RANK.indexOf(operation.operation)
  const known = operations.filter((each) => rank(each) >= 0).sort((a, b) => rank(a) - rank(b))
  const main = known.slice(0, most)
  const more = [...known.slice(most), ...operations.filter((each) => rank(each) < 0)]
  // A single note would hide behind a menu of one.
  if (main.length === 0 && more.length <= 2) return { main: more, more: [] }
  return { main, more }
}

export function correction(done: string, offered: readonly Operation[]): Operation | null {
  const name = CORRECTS[done]
  return offered.find((each) => each.operation === name) ?? null
}

/** The address of an operation of a case. */
export function pathOf(id: number, operation: string): string {
  return `/api/cases/${id}/${operation.replaceAll('_', '-')}`
}
