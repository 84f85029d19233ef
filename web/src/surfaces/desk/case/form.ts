/** What a form holds, what it still lacks, and what it sends. */
import type { CaseDetail, Operation } from './shape'

export interface Values {
  opinion: string
  attachments: string[]
  matter_id: number | null
  standard_id: number | null
  department_id: number | null
  department_ids: number[]
  handler_id: number | null
  collector_id: number | null
  main_id: number | null
  result: string
  /** A day as the date field writes it: 2026-12-01. */
  until: string
  kind: string
  level: number
  reply_required: boolean
  closing_met: boolean
  public_note: string
  missed_by_patrol: boolean
  report_number: string
  reached: boolean
  answered: boolean | null
  solved: boolean | null
  satisfied: boolean | null
  lon: number | null
  lat: number | null
  address: string
  description: string
  urgency: string
  public: boolean
}

/** What an operation's `needs` are called in its form. */
const FIELD_OF: Record<string, keyof Values> = {
  opinion: 'opinion',
  matter: 'matter_id',
  standard: 'standard_id',
  department: 'department_id',
  departments: 'department_ids',
  handler: 'handler_id',
  main: 'main_id',
  until: 'until',
  result: 'result',
  report: 'report_number',
  closing_met: 'closing_met',
}

export function opening(operation: Operation, detail: CaseDetail): Values {
  const amend = operation.operation === 'amend'
  return {
    opinion: '',
    attachments: [],
    matter_id: operation.form.includes('matter_id') ? (detail.matter?.id ?? null) : null,
    standard_id: null,
    department_id: null,
    department_ids: [],
    handler_id: null,
    collector_id: null,
    main_id: null,
    result: '',
    until: '',
    kind: 'important',
    level: 1,
    reply_required: true,
    closing_met: true,
    public_note: '',
    missed_by_patrol: false,
    report_number: detail.reports.length === 1 ? (detail.reports[0]?.number ?? '') : '',
    reached: true,
    answered: null,
    solved: null,
    satisfied: null,
    lon: amend ? detail.lon : null,
    lat: amend ? detail.lat : null,
    address: amend ? detail.address : '',
    description: amend ? detail.description : '',
    urgency: detail.urgency,
    public: detail.public,
  }
}

/** What was kept of a form, where it still has the shape of one. */
export function restored(opened: Values, kept: unknown): Values {
  if (typeof kept !== 'object' || kept === null) return opened
  const taken: [string, unknown][] = []
  for (const [name, value] of Object.entries(kept)) {
    if (name in opened && fits(opened[name as keyof Values], value)) taken.push([name, value])
  }
  return { ...opened, ...Object.fromEntries(taken) }
}

function fits(like: Values[keyof Values], value: unknown): boolean {
  if (Array.isArray(like)) return Array.isArray(value)
  if (like === null) return value === null || ['number', 'boolean'].includes(typeof value)
  return typeof value === typeof like || (typeof like === 'number' && value === null)
}

/** The fields that are empty although the operation needs them. */
export function lacking(operation: Operation, values: Values): (keyof Values)[] {
  const needed = operation.needs.flatMap((need) => FIELD_OF[need] ?? [])
  if (operation.operation === 'visit_back' && values.reached) {
    needed.push('answered', 'solved', 'satisfied')
  }
  return needed.filter((name) => isEmpty(name, values[name]))
}

function isEmpty(name: keyof Values, value: Values[keyof Values]): boolean {
  if (typeof value === 'string') return value.trim() === ''
  if (Array.isArray(value)) return value.length === 0
  return value === null || (name === 'closing_met' && value === false)
}

/** The body of the operation. A correction sends only what differs from the case. */
export function bodyOf(
  operation: Operation,
  values: Values,
  opened: Values,
  version: number,
): Record<string, unknown> {
  const body: Record<string, unknown> = { version }
  const amend = operation.operation === 'amend'
  for (const name of operation.form) {
    if (!isField(name, values)) continue
    const value = values[name]
    const said = name === 'opinion' || name === 'attachments'
    if (value === null || (amend && !said && same(value, opened[name]))) continue
    body[name] = name === 'until' && typeof value === 'string' ? endOfDay(value) : value
  }
  if ('lon' in body || 'lat' in body) {
    Object.assign(body, { lon: values.lon, lat: values.lat, system: 'cgcs2000' })
  }
  if (operation.operation === 'visit_back' && !values.reached) {
    for (const name of ['answered', 'solved', 'satisfied']) delete body[name]
  }
  return body
}

function isField(name: string, values: Values): name is keyof Values {
  return Object.hasOwn(values, name)
}

function same(a: Values[keyof Values], b: Values[keyof Values]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The last minute of a day on this machine's clock, with its zone. */
function endOfDay(day: string): string | null {
  const end = new Date(`${day}T23:59:00`)
  return Number.isNaN(end.getTime()) ? null : end.toISOString()
}

/** Whether anything was written that would be a loss. */
export function isWritten(values: Values, opened: Values): boolean {
  return (Object.keys(values) as (keyof Values)[]).some((name) => !same(values[name], opened[name]))
}
