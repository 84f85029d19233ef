/** What people in the street decide, and what each asks of them. */
import type { Slot } from '../store/item'
import type { Kind } from './order'

export interface Act {
  name: ActName
  operation: string
  extra: Record<string, string>
  slots: readonly Slot[]
  opinion: boolean
  /** A photo that must be there: of one slot, or of any. */
  photo: Slot | 'any' | null
}

export type ActName =
  | 'exists'
  | 'not_exists'
  | 'cannot'
  | 'pass_check'
  | 'rework'
  | 'cannot_check'
  | 'finish'
  | 'make_safe'
  | 'ask_extension'
  | 'unassign'
  | 'annotate'

const LOOKING = ['near', 'far', 'reference'] as const

function act(
  name: ActName,
  operation: string,
  more: Partial<Omit<Act, 'name' | 'operation'>> = {},
): Act {
  return { name, operation, extra: {}, slots: [], opinion: true, photo: null, ...more }
}

export const ACTS: readonly Act[] = [
  act('exists', 'verify', {
    extra: { result: 'exists' },
    slots: LOOKING,
    opinion: false,
    photo: 'any',
  }),
  act('not_exists', 'verify', { extra: { result: 'not_exists' }, slots: LOOKING }),
  act('cannot', 'verify', { extra: { result: 'cannot' }, slots: LOOKING }),
  act('pass_check', 'pass_check', { slots: LOOKING, opinion: false, photo: 'any' }),
  act('rework', 'rework', { slots: LOOKING, photo: 'any' }),
  act('cannot_check', 'cannot_check', { slots: LOOKING }),
  act('finish', 'finish', { slots: ['before', 'after'], photo: 'after' }),
  act('make_safe', 'make_safe', { slots: ['scene'] }),
  act('ask_extension', 'ask_extension', { slots: ['scene'] }),
  act('unassign', 'unassign'),
  act('annotate', 'annotate', { slots: ['scene'] }),
]

const OF_KIND: Record<Kind, readonly ActName[]> = {
  verify: ['exists', 'not_exists', 'cannot'],
  check: ['pass_check', 'rework', 'cannot_check'],
  handle: ['finish', 'make_safe', 'ask_extension', 'unassign'],
  co_handle: [],
}

/** What the server lets this person do with the case, as far as it is work of the street. */
export function actsOf(operations: readonly { operation: string }[]): Act[] {
  const may = new Set(operations.map((row) => row.operation))
  return ACTS.filter((each) => may.has(each.operation))
}

/** What a task is about; for a case whose page was not fetched yet. */
export function actsOfKind(kind: Kind): Act[] {
  return ACTS.filter((each) => OF_KIND[kind].includes(each.name))
}

export type Missing = 'need_act' | 'need_opinion' | 'need_photo' | 'need_after'

/** What is still missing before a form may go, or null. */
export function missing(
  chosen: Act | null,
  opinion: string,
  photos: readonly { slot: Slot }[],
): Missing | null {
  if (!chosen) return 'need_act'
  if (chosen.opinion && !opinion.trim()) return 'need_opinion'
  const { photo, slots } = chosen
  const there = photos.filter((each) => slots.includes(each.slot))
  if (photo === 'any' && !there.length) return 'need_photo'
  if (photo && photo !== 'any' && !there.some((each) => each.slot === photo)) return 'need_after'
  return null
}
