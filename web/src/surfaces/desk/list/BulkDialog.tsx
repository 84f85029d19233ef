/** The form of a step on several cases, and its progress, case by case. */
import { useQuery } from '@tanstack/react-query'
import { Modal, Select } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { named } from '../../../app/language'
import { draftKey, dropDraft, keepDraft, readDraft } from '../case/draft'
import {
  type BulkForm,
  type BulkStep,
  choicesOf,
  EMPTY_FORM,
  isBulkForm,
  perform,
  targets,
} from './bulk'
import { replaced } from './changes'
import { caseName } from './columns'
import { type CaseRow, readAgain } from './rows'
import { type Outcome, runEach, tally } from './run'
import { useT } from './words'

interface BulkDialogProps {
  step: BulkStep
  rows: readonly CaseRow[]
  /** The cases that went through. */
  onDone: (ids: number[]) => void
  onClose: () => void
}

export default function BulkDialog({ step, rows, onDone, onClose }: BulkDialogProps) {
  const t = useT()
  const me = useMe()
  const draft = draftKey(me?.user.id ?? 0, 'bulk', step)
  const [form, setForm] = useState<BulkForm>(() => begun(draft, rows))
  const [outcomes, setOutcomes] = useState<ReadonlyMap<number, Outcome>>(new Map())
  const [running, setRunning] = useState(false)
  const stop = useRef<AbortController | null>(null)
  const aimed = useMemo(() => targets(step, rows, form), [step, rows, form])
  const ids = aimed.map((row) => row.id)
  const { done, failed, left } = tally(outcomes, ids)
  const begunAlready = done + failed > 0
  const ready = step !== 'merge' || (form.main !== null && aimed.length > 0)

  useEffect(() => () => stop.current?.abort(), [])

  function change(part: Partial<BulkForm>) {
    const next = { ...form, ...part }
    setForm(next)
    if (next.opinion) keepDraft(draft, { version: 0, values: next })
    else dropDraft(draft)
  }

  async function start() {
    const controller = new AbortController()
    stop.current = controller
    setRunning(true)
    const waiting = aimed.filter((row) => outcomes.get(row.id)?.state !== 'done')
    const went: number[] = []
    await runEach({
      items: failed > 0 ? await asNow(waiting) : waiting,
      idOf: (row) => row.id,
      perform: (row) => perform(step, row, form),
      said,
      onOutcome: (id, outcome) => {
        if (outcome.state === 'done') went.push(id)
        setOutcomes((before) => new Map(before).set(id, outcome))
      },
      signal: controller.signal,
    })
    setRunning(false)
    if (went.length) onDone(went)
    if (went.length + done === aimed.length) dropDraft(draft)
  }

  return (
    <Modal
      open
      width={680}
      title={t(`bulk_${step}_title`, { count: rows.length })}
      onCancel={() => {
        if (!running) onClose()
      }}
      mask={{ closable: false }}
      keyboard={!running}
      footer={
        <div className="bulk-foot">
          <p role="status">{begunAlready && t('bulk_tally', { done, failed, left })}</p>
          {running ? (
            <button type="button" className="tool" onClick={() => stop.current?.abort()}>
              {t('bulk_stop')}
            </button>
          ) : (
            <button type="button" className="tool" onClick={onClose}>
              {begunAlready ? t('close') : t('cancel')}
            </button>
          )}
          {left + failed > 0 && (
            <button
              type="button"
              className="tool main"
              disabled={running || !ready}
              onClick={() => void start()}
            >
              {begunAlready
                ? t('bulk_again', { count: left + failed })
                : t(`bulk_${step}_go`, { count: aimed.length })}
            </button>
          )}
        </div>
      }
    >
      <form className="bulk" onSubmit={(event) => event.preventDefault()}>
        {step === 'dispatch' && (
          <Departments
            of={rows[0]}
            value={form.department}
            disabled={running}
            onChange={(department) => change({ department })}
          />
        )}
        <label className="bulk-opinion">
          {t('bulk_opinion')}
          <textarea
            rows={2}
            maxLength={4000}
            value={form.opinion}
            disabled={running}
            onChange={(event) => change({ opinion: event.target.value })}
          />
        </label>
        {step === 'merge' && <p>{t('bulk_main')}</p>}
        <ul className="bulk-rows" aria-label={t('bulk_cases')}>
          {rows.map((row) => (
            <li key={row.id}>
              {step === 'merge' && (
                <input
                  type="radio"
                  name="main"
                  aria-label={t('bulk_main_this', { name: caseName(row) })}
                  checked={form.main === row.id}
                  disabled={running || begunAlready}
                  onChange={() => change({ main: row.id })}
                />
              )}
              <span className="num">{caseName(row)}</span>
              <span className="bulk-what" title={row.address}>
                {named(row.matter, t('no_matter'))} · {row.address}
              </span>
              <Result
                outcome={outcomes.get(row.id)}
                main={step === 'merge' && form.main === row.id}
              />
            </li>
          ))}
        </ul>
      </form>
    </Modal>
  )
}

/** What was typed before and not yet sent; the main case only while it is among the rows. */
function begun(draft: string, rows: readonly CaseRow[]): BulkForm {
  const kept = readDraft(draft)?.values
  const form = isBulkForm(kept) ? kept : EMPTY_FORM
  const main = rows.some((row) => row.id === form.main) ? form.main : oldest(rows)
  return { ...form, main }
}

/** The person has read why it failed: another try is made on the cases as they stand by then. */
async function asNow(rows: CaseRow[]): Promise<CaseRow[]> {
  try {
    return replaced(rows, await readAgain(rows.map((row) => row.id)))
  } catch {
    // The step itself will say what is wrong.
    return rows
  }
}

/** Whoever told first has the longer history: the usual main case. */
function oldest(rows: readonly CaseRow[]): number | null {
  const sorted = [...rows].sort((a, b) => Date.parse(a.reported_at) - Date.parse(b.reported_at))
  return sorted[0]?.id ?? null
}

function Result({ outcome, main }: { outcome: Outcome | undefined; main: boolean }) {
  const t = useT()
  if (main) return <span className="result">{t('bulk_is_main')}</span>
  if (!outcome || outcome.state === 'waiting') return <span className="result" />
  if (outcome.state === 'running') return <span className="result">{t('bulk_running')}</span>
  if (outcome.state === 'done') {
    return (
      <span className="result phase phase-done">
        <span>{t('bulk_done')}</span>
      </span>
    )
  }
  return (
    <span className="result failed" role="alert">
      {outcome.reason}
    </span>
  )
}

interface DepartmentsProps {
  of: CaseRow | undefined
  value: number | null
  disabled: boolean
  onChange: (department: number | null) => void
}

function Departments({ of, value, disabled, onChange }: DepartmentsProps) {
  const t = useT()
  const id = of?.id ?? 0
  const { data, error } = useQuery({
    queryKey: ['case-choices', id, of?.version],
    queryFn: ({ signal }) => choicesOf(id, signal),
    enabled: id > 0,
    staleTime: 60_000,
  })
  return (
    <fieldset className="bulk-department" disabled={disabled}>
      <legend>{t('bulk_department')}</legend>
      <label>
        <input type="radio" checked={value === null} onChange={() => onChange(null)} />
        {t('bulk_each')}
      </label>
      <Select
        showSearch
        allowClear
        aria-label={t('bulk_same')}
        placeholder={t('bulk_same')}
        loading={!data && !error}
        disabled={disabled}
        optionFilterProp="label"
        options={data?.departments.map((body) => ({ value: body.id, label: named(body) })) ?? []}
        value={value ?? undefined}
        onChange={(department?: number) => onChange(department ?? null)}
      />
      {error !== null && <p role="alert">{said(error)}</p>}
    </fieldset>
  )
}
