/** Changing what the register says: only what differs is sent, what was typed is never lost. */
import { useQueryClient } from '@tanstack/react-query'
import { App, Select } from 'antd'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { send } from '../../../api/client'
import { type ComponentDetail, componentAt, readComponent } from '../../../api/components'
import { isRefusal, said } from '../../../api/problem'
import { named } from '../../../app/language'
import { differing, patchOf, rebased, statesAfter, type Values, valuesOf } from './change'
import { type Draft, dropDraft, keepDraft, readDraft } from './draft'
import { PinField } from './PinField'
import { componentKey, useOrganisations } from './useComponent'
import { useT, word } from './words'

interface ComponentFormProps {
  detail: ComponentDetail
  person: number
  onClose: () => void
}

const ACCURACIES = ['', 'a', 'b', 'c']

export function ComponentForm({ detail, person, onClose }: ComponentFormProps) {
  const t = useT()
  const client = useQueryClient()
  const { message } = App.useApp()
  const { code } = detail
  const [kept] = useState(() => readDraft(person, code))
  const [draft, setDraft] = useState<Draft>(
    () => kept ?? { version: detail.version, base: valuesOf(detail), values: valuesOf(detail) },
  )
  const [others, setOthers] = useState<string[]>([])
  const [problem, setProblem] = useState('')
  const [wrong, setWrong] = useState('')
  const [sending, setSending] = useState(false)
  const organisations = useOrganisations()
  const { values, base } = draft
  const changed = differing(base, values)

  function hold(next: Draft) {
    setDraft(next)
    keepDraft(person, code, next)
  }
  const set = (part: Partial<Values>) => hold({ ...draft, values: { ...values, ...part } })

  function forget() {
    dropDraft(person, code)
    setDraft({ version: detail.version, base: valuesOf(detail), values: valuesOf(detail) })
    setOthers([])
    setProblem('')
  }

  /** Somebody was faster: their state below, my words on top of it, and what they changed. */
  async function catchUp() {
    const now = await readComponent(code)
    client.setQueryData(componentKey(code), now)
    const theirs = valuesOf(now)
    setOthers(differing(base, theirs))
    hold({ version: now.version, base: theirs, values: rebased(base, values, theirs) })
  }

  async function save(event: FormEvent) {
    event.preventDefault()
    setProblem('')
    setWrong('')
    if (changed.length === 0) return setProblem(t('nothing_changed'))
    setSending(true)
    try {
      const answer = await send(componentAt(code), {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(patchOf(base, values, draft.version)),
      })
      dropDraft(person, code)
      client.setQueryData(componentKey(code), await answer.json())
      void client.invalidateQueries({ queryKey: componentKey(code) })
      void client.invalidateQueries({ queryKey: ['components'] })
      void message.success(t('saved'))
      onClose()
      return
    } catch (error) {
      setProblem(said(error))
      if (isRefusal(error)) setWrong(error.field)
      if (isRefusal(error, 409)) await catchUp().catch(() => undefined)
    }
    setSending(false)
  }

  const states = [base.state, ...statesAfter(base.state)]
  const field = (name: string, control: (id: string) => ReactNode) => (
    <Field name={name} changed={changed.some((each) => each === name)} wrong={wrong === name}>
      {control}
    </Field>
  )
  const text = (name: 'name' | 'source' | 'street_code' | 'community_code') =>
    field(name, (id) => (
      <input
        id={id}
        value={values[name]}
        maxLength={name.endsWith('code') ? 64 : 200}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    ))
  const party = (name: 'authority' | 'owner' | 'maintainer') =>
    field(name, (id) => (
      <Select
        id={id}
        allowClear
        showSearch
        optionFilterProp="label"
        loading={!organisations}
        placeholder={t('nothing')}
        value={values[name] || undefined}
        options={optionsOf(organisations ?? [], values[name])}
        onChange={(chosen?: string) => set({ [name]: chosen ?? '' })}
      />
    ))

  return (
    <form className="component-form" aria-label={t('edit')} onSubmit={(event) => void save(event)}>
      {kept && (
        <p className="component-note" role="status">
          {t('draft_restored')}{' '}
          <button type="button" className="tool" onClick={forget}>
            {t('draft_forget')}
          </button>
        </p>
      )}
      {others.length > 0 && (
        <p className="component-note" role="status">
          {t('others_changed', { what: others.map((name) => word('f', name)).join(t('comma')) })}
        </p>
      )}
      <div className="component-fields">
        {text('name')}
        {field('state', (id) => (
          <select
            id={id}
            value={values.state}
            onChange={(event) => set({ state: event.target.value })}
          >
            {states.map((state) => (
              <option key={state} value={state}>
                {word('state', state)}
              </option>
            ))}
          </select>
        ))}
        {party('authority')}
        {party('owner')}
        {party('maintainer')}
        {field('accuracy', (id) => (
          <select
            id={id}
            value={values.accuracy}
            onChange={(event) => set({ accuracy: event.target.value })}
          >
            {ACCURACIES.map((each) => (
              <option key={each} value={each}>
                {word('accuracy', each || 'unknown')}
              </option>
            ))}
          </select>
        ))}
        {field('first_surveyed', (id) => (
          <input
            id={id}
            type="date"
            value={values.first_surveyed}
            onChange={(event) => set({ first_surveyed: event.target.value })}
          />
        ))}
        {text('source')}
        {text('street_code')}
        {text('community_code')}
        {field('remark', (id) => (
          <textarea
            id={id}
            rows={2}
            maxLength={2000}
            value={values.remark}
            onChange={(event) => set({ remark: event.target.value })}
          />
        ))}
      </div>
      <PinField
        place={[values.lon, values.lat]}
        moved={changed.some((name) => name === 'lon' || name === 'lat')}
        onPlace={([lon, lat]) => set({ lon, lat })}
      />
      {problem && (
        <p className="component-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="component-form-end">
        <button type="submit" className="tool main" disabled={sending}>
          {sending ? t('saving') : t('save')}
        </button>
        <button type="button" className="tool" onClick={onClose}>
          {t('close')}
        </button>
        {changed.length > 0 && (
          <span className="soft" role="status">
            {t('will_change', { what: changed.map((name) => word('f', name)).join(t('comma')) })}
          </span>
        )}
      </div>
    </form>
  )
}

/** The organisations by name; a code that is none of them stays to be seen. */
function optionsOf(
  all: readonly { code: string; name_zh: string; name_en: string }[],
  chosen: string,
) {
  const options = all.map((each) => ({ value: each.code, label: named(each) }))
  const known = chosen === '' || options.some(({ value }) => value === chosen)
  return known ? options : [{ value: chosen, label: chosen }, ...options]
}

interface FieldProps {
  name: string
  changed: boolean
  wrong: boolean
  children: (id: string) => ReactNode
}

function Field({ name, changed, wrong, children }: FieldProps) {
  const id = useId()
  return (
    <div className={`component-field${changed ? ' changed' : ''}${wrong ? ' wrong' : ''}`}>
      <label htmlFor={id}>{word('f', name)}</label>
      {children(id)}
    </div>
  )
}
