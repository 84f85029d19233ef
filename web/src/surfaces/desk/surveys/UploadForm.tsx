/** A survey's file handed in: into which register, in which system, its columns mapped. */
import { type FormEvent, type ReactNode, useState } from 'react'
import { send } from '../../../api/client'
import { said } from '../../../api/problem'
import { REGISTERS, type Survey } from './survey'
import { useT, word } from './words'

const KINDS = '.geojson,.json,.gz,.gpkg,.fgb,.zip,.csv,.parquet'
const MOST_BYTES = 50_000_000

interface Values {
  register: string
  title: string
  crs: string
  encoding: string
  layer: string
  lon: string
  lat: string
  complete: boolean
  areas: string
  mapping: string
}

const NOTHING: Values = {
  register: 'components',
  title: '',
  crs: '',
  encoding: '',
  layer: '',
  lon: '',
  lat: '',
  complete: false,
  areas: '',
  mapping: '',
} // prettier-ignore

function keyOf(person: number): string {
  return `chengyun.draft.${person}.survey`
}

/** A mapping is long to write: it stays for the next file too. */
function remembered(person: number): Values {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(person)) ?? '{}')
    return typeof kept === 'object' && kept !== null ? { ...NOTHING, ...kept } : NOTHING
  } catch {
    return NOTHING
  }
}

export function UploadForm({ person, onDone }: { person: number; onDone: (id: number) => void }) {
  const t = useT()
  const [values, setValues] = useState(() => remembered(person))
  const [file, setFile] = useState<File | null>(null)
  const [problem, setProblem] = useState('')
  const [sending, setSending] = useState(false)
  function set(part: Partial<Values>) {
    const next = { ...values, ...part }
    setValues(next)
    try {
      localStorage.setItem(keyOf(person), JSON.stringify(next))
    } catch {
      // The words are still on the page.
    }
  }

  async function hand(event: FormEvent) {
    event.preventDefault()
    if (!file) return setProblem(t('file_missing'))
    if (file.size > MOST_BYTES) return setProblem(t('file_large'))
    setSending(true)
    setProblem('')
    const form = new FormData()
    form.set('file', file)
    for (const [name, value] of Object.entries(values)) {
      const text = String(value).trim()
      if (text && text !== 'false') form.set(name, text)
    }
    try {
      const made: Survey = await (await send('/api/surveys', { method: 'POST', body: form })).json()
      set({ title: '' })
      onDone(made.id)
    } catch (error) {
      setProblem(said(error))
      setSending(false)
    }
  }

  const text = (
    name: 'title' | 'crs' | 'encoding' | 'layer' | 'lon' | 'lat' | 'areas',
    hint: string,
  ) => (
    <Labelled name={t(`u_${name}`)}>
      <input
        value={values[name]}
        maxLength={200}
        placeholder={hint}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </Labelled>
  )
  return (
    <form className="survey-upload" aria-label={t('upload')} onSubmit={(event) => void hand(event)}>
      <div className="survey-fields">
        <Labelled name={t('u_file')}>
          <input
            type="file"
            accept={KINDS}
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </Labelled>
        <Labelled name={t('u_register')}>
          <select
            value={values.register}
            onChange={(event) => set({ register: event.target.value })}
          >
            {REGISTERS.map((register) => (
              <option key={register} value={register}>
                {word('register', register)}
              </option>
            ))}
          </select>
        </Labelled>
        {text('title', '')}
        {text('crs', 'EPSG:4490')}
        {text('encoding', 'gb18030')}
        {text('layer', '')}
        {text('lon', '')}
        {text('lat', '')}
      </div>
      <label className="survey-check">
        <input
          type="checkbox"
          checked={values.complete}
          onChange={(event) => set({ complete: event.target.checked })}
        />
        <span>
          {t('u_complete')} <span className="soft">{t('complete_say')}</span>
        </span>
      </label>
      {values.complete && <div className="survey-fields">{text('areas', '370202')}</div>}
      <Labelled name={t('u_mapping')}>
        <textarea
          rows={6}
          className="survey-mapping"
          spellCheck={false}
          maxLength={100_000}
          value={values.mapping}
          placeholder={'[fields]\ncode = "{BM}"\nname = "{MC}"'}
          onChange={(event) => set({ mapping: event.target.value })}
        />
      </Labelled>
      <p className="soft">{t('upload_say')}</p>
      {problem && (
        <p className="survey-problem" role="alert">
          {problem}
        </p>
      )}
      <p>
        <button type="submit" className="tool main" disabled={sending}>
          {sending ? t('sending') : t('hand_in')}
        </button>
      </p>
    </form>
  )
}

function Labelled({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="survey-field">
      <span>{name}</span>
      {children}
    </label>
  )
}
