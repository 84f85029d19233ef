/** A layer made or changed: names, place in the tree, look, scale, who may see it. */
import { Select } from 'antd'
import { type FormEvent, useState } from 'react'
import { isRefusal, said } from '../../../api/problem'
import { dropDraft, keepDraft, readDraft } from './draft'
import {
  ACCESS,
  bodyOf,
  type LayerField,
  type LayerSettings,
  SHAPES,
  shapeOf,
  type Values,
  write,
} from './layer'
import { Labelled, StyleForm } from './StyleForm'
import { useT, word } from './words'

const ROLES = [
  'collector',
  'acceptor',
  'shift_leader',
  'dispatcher',
  'department',
  'handler',
  'evaluator',
  'leader',
  'data_manager',
  'administrator',
] // prettier-ignore
const ZOOMS = Array.from({ length: 23 }, (_, zoom) => zoom)

interface LayerFormProps {
  start: Values
  fresh: boolean
  fields: readonly LayerField[]
  folders: readonly string[]
  person: number
  onSaved: (layer: LayerSettings) => void
}

export function LayerForm({ start, fresh, fields, folders, person, onSaved }: LayerFormProps) {
  const t = useT()
  const own = fresh ? '' : start.code
  const [kept, setKept] = useState(() => readDraft(person, own))
  const [values, setValues] = useState<Values>(kept ?? start)
  const [problem, setProblem] = useState('')
  const [wrong, setWrong] = useState('')
  const [sending, setSending] = useState(false)
  function set(part: Partial<Values>) {
    const next = { ...values, ...part }
    setValues(next)
    keepDraft(person, own, next)
  }
  function forget() {
    dropDraft(person, own)
    setValues(start)
    setKept(null)
  }

  async function save(event: FormEvent) {
    event.preventDefault()
    setSending(true)
    setProblem('')
    setWrong('')
    const path = fresh ? '/api/layers' : `/api/layers/${encodeURIComponent(start.code)}`
    try {
      const answer = await write(path, fresh ? 'POST' : 'PATCH', bodyOf(values, fresh))
      dropDraft(person, own)
      setKept(null)
      onSaved(await answer.json())
    } catch (error) {
      setProblem(said(error))
      if (isRefusal(error)) setWrong(error.field)
    }
    setSending(false)
  }

  const text = (name: 'code' | 'name_zh' | 'name_en' | 'folder', most: number) => (
    <Labelled name={t(`f_${name}`)}>
      <input
        value={values[name]}
        maxLength={most}
        disabled={name === 'code' && !fresh}
        required={name === 'code' || name === 'name_zh'}
        lang={name === 'name_en' ? 'en' : undefined}
        list={name === 'folder' ? 'layer-folders' : undefined}
        pattern={name === 'code' ? '[a-z][a-z0-9_]*' : undefined}
        title={name === 'code' ? t('code_say') : undefined}
        aria-invalid={wrong === name || undefined}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </Labelled>
  )
  const zoom = (name: 'minzoom' | 'maxzoom') => (
    <Labelled name={t(`f_${name}`)}>
      <select
        value={values[name]}
        onChange={(event) => set({ [name]: Number(event.target.value) })}
      >
        {ZOOMS.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </Labelled>
  )
  const times = fields.filter((field) => field.kind === 'date' || field.kind === 'date-time')

  return (
    <form className="layer-form" onSubmit={(event) => void save(event)}>
      {kept && (
        <p className="layer-note" role="status">
          {t('draft_restored')}{' '}
          <button type="button" className="tool" onClick={forget}>
            {t('draft_forget')}
          </button>
        </p>
      )}
      <datalist id="layer-folders">
        {folders.map((folder) => (
          <option key={folder} value={folder} />
        ))}
      </datalist>
      <div className="layer-grid">
        {text('code', 40)}
        {text('name_zh', 100)}
        {text('name_en', 100)}
        {text('folder', 100)}
        <Labelled name={t('f_shape')}>
          <select
            value={values.shape}
            disabled={!fresh}
            onChange={(event) => set({ shape: shapeOf(event.target.value) })}
          >
            {SHAPES.map((shape) => (
              <option key={shape} value={shape}>
                {word('shape', shape)}
              </option>
            ))}
          </select>
        </Labelled>
        {zoom('minzoom')}
        {zoom('maxzoom')}
        <Labelled name={t('f_opacity')}>
          <input
            type="range"
            min="0.1"
            max="1"
            step="0.05"
            value={values.opacity}
            onChange={(event) => set({ opacity: event.target.valueAsNumber })}
          />
        </Labelled>
        {times.length > 0 && (
          <Labelled name={t('f_time_field')}>
            <select
              value={values.time_field}
              onChange={(event) => set({ time_field: event.target.value })}
            >
              <option value="">{t('none')}</option>
              {times.map((field) => (
                <option key={field.name} value={field.name}>
                  {field.zh || field.name}
                </option>
              ))}
            </select>
          </Labelled>
        )}
        {values.shape === 'line' && values.roads && fields.length > 0 && (
          <Labelled name={t('f_oneway_field')}>
            <select
              value={values.oneway_field}
              onChange={(event) => set({ oneway_field: event.target.value })}
            >
              <option value="">{t('none')}</option>
              {fields.map((field) => (
                <option key={field.name} value={field.name}>
                  {field.zh || field.name}
                </option>
              ))}
            </select>
          </Labelled>
        )}
      </div>
      <StyleForm
        shape={values.shape}
        style={values.style}
        fields={fields}
        opacity={values.opacity}
        onChange={(style) => set({ style })}
      />
      <fieldset className="layer-access">
        <legend>{t('f_access')}</legend>
        {ACCESS.map((access) => (
          <label key={access} className="layer-check">
            <input
              type="radio"
              name="access"
              value={access}
              checked={values.access === access}
              onChange={() => set({ access })}
            />
            <span>
              {word('access', access)} <span className="soft">{word('access_say', access)}</span>
            </span>
          </label>
        ))}
        {values.access !== 'public' && (
          <Select
            mode="multiple"
            allowClear
            aria-label={t('f_roles')}
            placeholder={t('roles_all')}
            options={ROLES.map((value) => ({ value, label: word('role', value) }))}
            value={values.roles}
            onChange={(roles: string[]) => set({ roles })}
          />
        )}
      </fieldset>
      <label className="layer-check">
        <input
          type="checkbox"
          checked={values.visible}
          onChange={(event) => set({ visible: event.target.checked })}
        />
        {t('f_visible')}
      </label>
      {values.shape === 'line' && (
        <label className="layer-check">
          <input
            type="checkbox"
            checked={values.roads}
            onChange={(event) => set({ roads: event.target.checked })}
          />
          {t('f_roads')}
        </label>
      )}
      <Labelled name={t('f_about')}>
        <textarea
          rows={2}
          maxLength={2000}
          value={values.about}
          onChange={(event) => set({ about: event.target.value })}
        />
      </Labelled>
      {problem && (
        <p className="layer-problem" role="alert">
          {problem}
        </p>
      )}
      <p>
        <button type="submit" className="tool main" disabled={sending}>
          {sending ? t('saving') : fresh ? t('create') : t('save')}
        </button>
      </p>
    </form>
  )
}
