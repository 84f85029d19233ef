/** What can be done with several cases at once, and how one of them is done. */
import { api, send, take } from '../../../api/client'
import { holds, type Me } from '../../../api/session'
import { pathOf } from '../case/operations'
import type { CaseRow } from './rows'
import { t } from './words'

export type BulkStep = 'dispatch' | 'merge' | 'urge'

/** By post; whether a case lets itself be dispatched is the server's word on each. */
export function stepsOf(me: Me | null | undefined): BulkStep[] {
  const steps: BulkStep[] = []
  if (holds(me, 'dispatcher')) steps.push('dispatch')
  if (holds(me, 'acceptor', 'shift_leader')) steps.push('merge')
  if (holds(me, 'leader', 'shift_leader', 'dispatcher', 'acceptor')) steps.push('urge')
  return steps
}

export interface BulkForm {
  opinion: string
  /** Dispatch: one department for all; null sends each to the one in charge of it. */
  department: number | null
  /** Merge: the case that the others join. */
  main: number | null
}

export const EMPTY_FORM: BulkForm = { opinion: '', department: null, main: null }

export function isBulkForm(value: unknown): value is BulkForm {
  if (typeof value !== 'object' || value === null) return false
  return (
    'opinion' in value &&
    typeof value.opinion === 'string' &&
    'department' in value &&
    (value.department === null || typeof value.department === 'number') &&
    'main' in value &&
    (value.main === null || typeof value.main === 'number')
  )
}

export function choicesOf(id: number, signal?: AbortSignal) {
  const params = { path: { case_id: id } }
  return take(api.GET('/api/cases/{case_id}/choices', { params, signal }))
}

/** Throws what the server says; the version guards against steps of others, and against twice. */
export async function perform(step: BulkStep, row: CaseRow, form: BulkForm): Promise<void> {
  const body: Record<string, unknown> = { version: row.version, opinion: form.opinion.trim() }
  if (step === 'dispatch') {
    const department = form.department ?? (await choicesOf(row.id)).responsible?.id
    if (department === undefined) throw new Error(t('bulk_no_responsible'))
    body.department_id = department
  }
  if (step === 'merge') body.main_id = form.main
  await send(pathOf(row.id, step), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** The cases that a step is performed on: the main case of a merge stays as it is. */
export function targets(step: BulkStep, rows: readonly CaseRow[], form: BulkForm): CaseRow[] {
  return step === 'merge' ? rows.filter((row) => row.id !== form.main) : [...rows]
}
