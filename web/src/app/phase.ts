/** What state a case is in, for eyes: the five phases of lists, maps and charts. */
import type { components } from '../api/schema'
import { pick } from './language'
import type { Phase } from './theme'

export type State = components['schemas']['State']

const PHASE_OF: Record<State, Phase> = {
  reported: 'new',
  pending_verify: 'new',
  pending_file: 'new',
  pending_dispatch: 'new',
  pending_handle: 'doing',
  handling: 'doing',
  suspended: 'doing',
  deferred: 'doing',
  pending_feedback: 'doing',
  pending_check: 'check',
  pending_close: 'check',
  closed: 'done',
  not_accepted: 'done',
  voided: 'done',
  merged: 'done',
}

const NAMES: Record<State, [zh: string, en: string]> = {
  reported: ['待受理', 'To accept'],
  pending_verify: ['待核实', 'To verify'],
  pending_file: ['待立案', 'To file'],
  pending_dispatch: ['待派遣', 'To dispatch'],
  pending_handle: ['待签收', 'To sign for'],
  handling: ['处置中', 'In hand'],
  suspended: ['挂账', 'Suspended'],
  deferred: ['缓办', 'Deferred'],
  pending_feedback: ['待审反馈', 'Feedback'],
  pending_check: ['待核查', 'To check'],
  pending_close: ['待结案', 'To close'],
  closed: ['已结案', 'Closed'],
  not_accepted: ['不予受理', 'Not accepted'],
  voided: ['作废', 'Voided'],
  merged: ['已并案', 'Merged'],
}

export const STATES = Object.keys(NAMES) as State[]
export const OPEN_STATES = STATES.filter((state) => PHASE_OF[state] !== 'done')

export function stateName(state: State): string {
  const [zh, en] = NAMES[state]
  return pick(zh, en)
}

/** A running clock that is past its limit outweighs the state. */
export function phaseOf(
  row: { state: State; stage_due_at?: string | null; paused_until?: string | null },
  now = Date.now(),
): Phase {
  const phase = PHASE_OF[row.state]
  const late = row.stage_due_at ? Date.parse(row.stage_due_at) < now : false
  const paused = row.state === 'suspended' || row.state === 'deferred'
  return late && !paused && phase !== 'done' ? 'over' : phase
}

const PHASE_NAMES: Record<Phase, [zh: string, en: string]> = {
  new: ['待处理', 'To do'],
  doing: ['处置中', 'In hand'],
  check: ['待核查', 'Checking'],
  done: ['已办结', 'Done'],
  over: ['已超时', 'Overdue'],
}

export function phaseName(phase: Phase): string {
  const [zh, en] = PHASE_NAMES[phase]
  return pick(zh, en)
}
