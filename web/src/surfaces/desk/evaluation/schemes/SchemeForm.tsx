/** One scheme: what it weighs and where its grades begin. What is typed is kept until saved. */
import { useQueryClient } from '@tanstack/react-query'
import { App, Select } from 'antd'
import { type FormEvent, useEffect, useState } from 'react'
import { api, take } from '../../../../api/client'
import { said } from '../../../../api/problem'
import { whole } from '../../../../app/numbers'
import { roleName } from '../names'
import { KINDS, POSTS } from '../search'
import { type Dictionary, definition, indicatorName } from '../table'
import { useT } from '../words'
import {
  bodyOf,
  draftKey,
  dropDraft,
  faultsOf,
  type GradeEntry,
  keepDraft,
  readDraft,
  type Scheme,
  sumOf,
  type Weight,
} from './scheme'

interface SchemeFormProps {
  open: string
  start: Scheme
  dictionary: Dictionary
  person: number
  mayWrite: boolean
  onDone: () => void
}

export function SchemeForm({ open, start, dictionary, person, mayWrite, onDone }: SchemeFormProps) {
  const t = useT()
  const client = useQueryClient()
  const { message } = App.useApp()
  const key = draftKey(person, open)
  const [kept] = useState(() => (mayWrite ? readDraft(key) : null))
  const [scheme, setScheme] = useState(kept ?? start)
  const [touched, setTouched] = useState(kept !== null)
  const [problem, setProblem] = useState('')
  const [sending, setSending] = useState(false)
  const [tried, setTried] = useState(false)
  const fresh = open.startsWith('+')
  const faults = faultsOf(scheme)

  useEffect(() => {
    if (touched) keepDraft(key, scheme)
  }, [key, scheme, touched])

  function change(part: Partial<Scheme>) {
    setTouched(true)
    setScheme((old) => ({ ...old, ...part }))
  }
  function forget() {
    dropDraft(key)
    setTouched(false)
    setScheme(start)
    setProblem('')
  }
  async function save(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    setProblem('')
    if (faults.length) return
    setSending(true)
    const body = bodyOf(scheme)
    try {
      if (fresh) {
        await take(api.POST('/api/evaluation/schemes', { body: { ...body, code: scheme.code } }))
      } else {
        const path = { code: scheme.code }
        await take(api.PUT('/api/evaluation/schemes/{code}', { params: { path }, body }))
      }
    } catch (error) {
      setProblem(said(error))
      setSending(false)
      return
    }
    dropDraft(key)
    void message.success(t('scheme_saved'))
    await client.invalidateQueries({ queryKey: ['evaluation', 'schemes'] })
    // The tables are counted anew behind the back of whoever goes on.
    void client.invalidateQueries({ queryKey: ['evaluation', 'table'] })
    onDone()
  }
  return (
    <form className="ev-form" onSubmit={(event) => void save(event)} noValidate>
      {kept && touched && (
        <p className="ev-note" role="status">
          {t('draft_restored')}{' '}
          <button type="button" className="tool" onClick={forget}>
            {t('draft_forget')}
          </button>
        </p>
      )}
      <fieldset disabled={!mayWrite || sending}>
        <legend className="only-read">{t('scheme')}</legend>
        <div className="ev-form-grid">
          <label>
            <span>{t('scheme_code')}</span>
            <input
              value={scheme.code}
              disabled={!fresh}
              maxLength={40}
              pattern="[a-z0-9_\-]+"
              onChange={(event) => change({ code: event.target.value })}
            />
          </label>
          <label>
            <span>{t('kind')}</span>
            <select
              value={scheme.kind}
              disabled={!fresh}
              onChange={({ target: { value } }) => {
                const kind = KINDS.find((each) => each === value)
                if (kind) change({ kind, role: kind === 'post' ? POSTS[0] : '' })
              }}
            >
              {KINDS.map((each) => (
                <option key={each} value={each}>
                  {t(`kind_${each}`)}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>{t('name_in_zh')}</span>
            <input
              value={scheme.nameZh}
              maxLength={80}
              onChange={(event) => change({ nameZh: event.target.value })}
            />
          </label>
          <label>
            <span>{t('name_in_en')}</span>
            <input
              value={scheme.nameEn}
              maxLength={80}
              lang="en"
              onChange={(event) => change({ nameEn: event.target.value })}
            />
          </label>
          {scheme.kind === 'post' && (
            <label>
              <span>{t('post')}</span>
              <select
                value={scheme.role}
                onChange={(event) => change({ role: event.target.value })}
              >
                {[...new Set([...POSTS, ...(scheme.role ? [scheme.role] : [])])].map((each) => (
                  <option key={each} value={each}>
                    {roleName(each)}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
      </fieldset>
      <Weights
        scheme={scheme}
        dictionary={dictionary}
        disabled={!mayWrite || sending}
        onChange={(weights) => change({ weights })}
      />
      <Grades
        grades={scheme.grades}
        disabled={!mayWrite || sending}
        onChange={(grades) => change({ grades })}
      />
      {tried && faults.length > 0 && (
        <ul className="ev-problem" role="alert">
          {faults.map((fault) => (
            <li key={fault}>{t(`fault_${fault}`)}</li>
          ))}
        </ul>
      )}
      {problem && (
        <p className="ev-problem" role="alert">
          {problem}
        </p>
      )}
      {mayWrite && (
        <button type="submit" className="tool main" disabled={sending}>
          {sending ? t('saving') : t('save')}
        </button>
      )}
    </form>
  )
}

interface WeightsProps {
  scheme: Scheme
  dictionary: Dictionary
  disabled: boolean
  onChange: (weights: Weight[]) => void
}

function Weights({ scheme, dictionary, disabled, onChange }: WeightsProps) {
  const t = useT()
  const sum = sumOf(scheme)
  const options = [
    { label: t('rates'), all: [...dictionary.rates.values()] },
    { label: t('counts'), all: [...dictionary.measures.values()] },
  ].map(({ label, all }) => ({
    label,
    title: label,
    options: all
      .filter((each) => each.kinds.includes(scheme.kind))
      .map(({ code }) => ({ value: code, label: indicatorName(dictionary, code) })),
  }))
  const set = (index: number, part: Partial<Weight>) =>
    onChange(scheme.weights.map((each, n) => (n === index ? { ...each, ...part } : each)))
  return (
    <fieldset disabled={disabled} className="ev-weigh">
      <legend>{t('weights')}</legend>
      <ol>
        {scheme.weights.map((each, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; its indicator may change
          <li key={index}>
            <Select
              showSearch
              optionFilterProp="label"
              aria-label={t('indicator')}
              placeholder={t('indicator')}
              disabled={disabled}
              options={options}
              value={each.code || undefined}
              onChange={(code: string) =>
                set(index, { code, reverse: dictionary.rates.get(code)?.reverse ?? false })
              }
            />
            <input
              type="number"
              className="num"
              aria-label={t('weight')}
              min="0"
              max="100"
              step="any"
              value={each.weight}
              onChange={(event) => set(index, { weight: event.target.value })}
            />
            <label className="ev-check">
              <input
                type="checkbox"
                checked={each.reverse}
                onChange={(event) => set(index, { reverse: event.target.checked })}
              />
              {t('reverse')}
            </label>
            <button
              type="button"
              className="tool"
              aria-label={t('remove_row', { name: indicatorName(dictionary, each.code) })}
              onClick={() => onChange(scheme.weights.filter((_, n) => n !== index))}
            >
              ×
            </button>
            {each.code && <span className="soft">{definition(dictionary, each.code)}</span>}
          </li>
        ))}
      </ol>
      <p>
        <button
          type="button"
          className="tool"
          onClick={() => onChange([...scheme.weights, { code: '', weight: '', reverse: false }])}
        >
          {t('add_indicator')}
        </button>{' '}
        <output className={sum === 100 ? 'num' : 'num ev-problem'}>
          {t(sum === 100 ? 'sum_right' : 'sum_wrong', { sum: whole(sum) })}
        </output>
      </p>
    </fieldset>
  )
}

interface GradesProps {
  grades: GradeEntry[]
  disabled: boolean
  onChange: (grades: GradeEntry[]) => void
}

function Grades({ grades, disabled, onChange }: GradesProps) {
  const t = useT()
  const set = (index: number, part: Partial<GradeEntry>) =>
    onChange(grades.map((each, n) => (n === index ? { ...each, ...part } : each)))
  return (
    <fieldset disabled={disabled} className="ev-weigh ev-grades">
      <legend>{t('grades')}</legend>
      <ol>
        {grades.map((each, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          <li key={index}>
            <input
              aria-label={t('grade')}
              maxLength={8}
              value={each.grade}
              onChange={(event) => set(index, { grade: event.target.value })}
            />
            <label>
              {t('grade_from')}
              <input
                type="number"
                className="num"
                min="0"
                max="100"
                step="any"
                value={each.from}
                onChange={(event) => set(index, { from: event.target.value })}
              />
            </label>
            <input
              type="color"
              aria-label={t('grade_colour', { grade: each.grade })}
              value={each.colour || '#000000'}
              onChange={(event) => set(index, { colour: event.target.value })}
            />
            <button
              type="button"
              className="tool"
              aria-label={t('remove_row', { name: each.grade })}
              onClick={() => onChange(grades.filter((_, n) => n !== index))}
            >
              ×
            </button>
          </li>
        ))}
      </ol>
      <button
        type="button"
        className="tool"
        onClick={() => onChange([...grades, { grade: '', from: '0', colour: '' }])}
      >
        {t('add_grade')}
      </button>
    </fieldset>
  )
}
