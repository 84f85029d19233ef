/** A leader's own steps: supervise, urge, decide a forced closing, as far as the server offers. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { send } from '../../api/client'
import { isRefusal, said } from '../../api/problem'
import { goSignIn } from '../../api/session'
import { pick } from '../../app/language'
import { type CaseDetail, leadersOperations, type Operation } from './caseDetail'
import { type Draft, dropDraft, readDraft, writeDraft } from './draft'
import { useT } from './opened/text'
import type { Person } from './person'

interface StepsProps {
  data: CaseDetail
  person: Person
  again: () => void
}

export function CaseSteps({ data, person, again }: StepsProps) {
  const t = useT()
  const [open, setOpen] = useState<string | null>(null)
  const [done, setDone] = useState('')
  const offered = leadersOperations(data.operations)
  const chosen = offered.find((each) => each.operation === open)
  if (offered.length === 0 && !done) return null
  return (
    <section className="card" aria-label={t('steps')}>
      <p className="leader-done" role="status">
        {done}
      </p>
      <div className="leader-steps">
        {offered.map((each) => (
          <button
            key={each.operation}
            type="button"
            className="button"
            aria-expanded={each.operation === open}
            onClick={() => {
              setDone('')
              setOpen(each.operation === open ? null : each.operation)
            }}
          >
            {pick(each.zh, each.en)}
          </button>
        ))}
      </div>
      {chosen && (
        <StepForm
          key={chosen.operation}
          operation={chosen}
          data={data}
          person={person}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null)
            setDone(t('step_done', { name: pick(chosen.zh, chosen.en) }))
            again()
          }}
          onConflict={again}
        />
      )}
    </section>
  )
}

interface FormProps {
  operation: Operation
  data: CaseDetail
  person: Person
  onClose: () => void
  onDone: () => void
  onConflict: () => void
}

function StepForm({ operation, data, person, onClose, onDone, onConflict }: FormProps) {
  const t = useT()
  const name = operation.operation
  const [draft, setDraft] = useState(() => readDraft(person.id, data.id, name))
  const [problem, setProblem] = useState('')
  const [sending, setSending] = useState(false)
  const first = useRef<HTMLTextAreaElement>(null)
  useEffect(() => first.current?.focus(), [])

  function change(part: Partial<Draft>) {
    const next = { ...draft, ...part }
    setDraft(next)
    writeDraft(person.id, data.id, name, next)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (sending) return
    setSending(true)
    setProblem('')
    const given = Object.entries(draft).filter(([field]) => operation.form.includes(field))
    const body = { ...Object.fromEntries(given), version: data.version }
    try {
      await send(`/api/cases/${data.id}/${name.replaceAll('_', '-')}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
      dropDraft(person.id, data.id, name)
      onDone()
    } catch (error) {
      if (isRefusal(error, 401)) return goSignIn()
      setProblem(said(error))
      if (isRefusal(error, 409)) onConflict()
      setSending(false)
    }
  }

  const asks = (field: string) => operation.form.includes(field)
  const needsOpinion = operation.needs.includes('opinion')
  return (
    <form
      className="leader-form"
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
        if (event.key === 'Enter' && event.ctrlKey) event.currentTarget.requestSubmit()
      }}
    >
      {asks('opinion') && (
        <label className="field">
          <span className="label">{needsOpinion ? t('opinion') : t('opinion_optional')}</span>
          <textarea
            ref={first}
            rows={3}
            maxLength={4000}
            required={needsOpinion}
            value={draft.opinion}
            onChange={(event) => change({ opinion: event.target.value })}
          />
        </label>
      )}
      {asks('level') && (
        <label className="field">
          <span className="label">{t('level')}</span>
          <select
            value={draft.level}
            onChange={(event) => change({ level: Number(event.target.value) })}
          >
            {[1, 2, 3].map((level) => (
              <option key={level} value={level}>
                {t('level_n', { n: level })}
              </option>
            ))}
          </select>
        </label>
      )}
      {asks('reply_required') && (
        <label className="leader-check">
          <input
            type="checkbox"
            checked={draft.reply_required}
            onChange={(event) => change({ reply_required: event.target.checked })}
          />
          {t('reply_required')}
        </label>
      )}
      {asks('public_note') && (
        <label className="field">
          <span className="label">{t('public_note')}</span>
          <textarea
            rows={2}
            maxLength={4000}
            value={draft.public_note}
            onChange={(event) => change({ public_note: event.target.value })}
          />
        </label>
      )}
      {problem && (
        <p className="note bad" role="alert">
          {problem}
        </p>
      )}
      <div className="leader-steps">
        <button type="button" className="button" onClick={onClose}>
          {t('cancel')}
        </button>
        <button type="submit" className="button main" disabled={sending}>
          {sending ? t('sending') : pick(operation.zh, operation.en)}
        </button>
      </div>
    </form>
  )
}
