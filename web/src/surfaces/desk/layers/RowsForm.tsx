/** The rows of a layer from a file, and what became of each. */
import { type FormEvent, useState } from 'react'
import { send } from '../../../api/client'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import { whole } from '../../../app/numbers'
import type { Filled } from './layer'
import { Labelled } from './StyleForm'
import { useT } from './words'

const KINDS = '.geojson,.json,.gpkg,.fgb,.zip,.csv'
const MOST_BYTES = 50_000_000

interface RowsFormProps {
  code: string
  rows: number | null
  onFilled: () => void
}

export function RowsForm({ code, rows, onFilled }: RowsFormProps) {
  const t = useT()
  const [file, setFile] = useState<File | null>(null)
  const [crs, setCrs] = useState('')
  const [encoding, setEncoding] = useState('')
  const [layer, setLayer] = useState('')
  const [anew, setAnew] = useState(false)
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState('')
  const [filled, setFilled] = useState<Filled | null>(null)

  async function fill(event: FormEvent) {
    event.preventDefault()
    if (!file) return setProblem(t('file_missing'))
    if (file.size > MOST_BYTES) return setProblem(t('file_large'))
    setSending(true)
    setProblem('')
    setFilled(null)
    const form = new FormData()
    form.set('file', file)
    form.set('crs', crs.trim())
    form.set('encoding', encoding.trim())
    form.set('layer', layer.trim())
    form.set('anew', String(anew))
    try {
      const path = `/api/layers/${encodeURIComponent(code)}/rows`
      setFilled(await (await send(path, { method: 'POST', body: form })).json())
      onFilled()
    } catch (error) {
      setProblem(said(error))
    }
    setSending(false)
  }

  return (
    <form
      className="layer-rows"
      onSubmit={(event) => void fill(event)}
      aria-labelledby="rows-title"
    >
      <h3 id="rows-title">{t('rows')}</h3>
      <p className="soft">
        {rows === null ? '' : t('rows_now', { count: rows })} {t('rows_say')}
      </p>
      <div className="layer-grid">
        <Labelled name={t('file')}>
          <input
            type="file"
            accept={KINDS}
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </Labelled>
        <Labelled name={t('crs')}>
          <input
            value={crs}
            maxLength={100}
            placeholder="EPSG:4490"
            onChange={(event) => setCrs(event.target.value)}
          />
        </Labelled>
        <Labelled name={t('encoding')}>
          <input
            value={encoding}
            maxLength={40}
            placeholder="gb18030"
            onChange={(event) => setEncoding(event.target.value)}
          />
        </Labelled>
        <Labelled name={t('file_layer')}>
          <input value={layer} maxLength={200} onChange={(event) => setLayer(event.target.value)} />
        </Labelled>
      </div>
      <label className="layer-check">
        <input type="checkbox" checked={anew} onChange={(event) => setAnew(event.target.checked)} />
        {t('anew')}
      </label>
      {problem && (
        <p className="layer-problem" role="alert">
          {problem}
        </p>
      )}
      <p>
        <button type="submit" className="tool main" disabled={sending}>
          {sending ? t('filling') : t('fill')}
        </button>
      </p>
      {filled && <Result filled={filled} />}
    </form>
  )
}

function Result({ filled }: { filled: Filled }) {
  const t = useT()
  return (
    <div role="status" className="layer-filled">
      <p>
        <strong>{t('filled', { rows: filled.rows, rejected: filled.rejected })}</strong>
      </p>
      {filled.ignored.length > 0 && (
        <p className="soft">{t('ignored', { names: filled.ignored.join(t('comma')) })}</p>
      )}
      {filled.empty.length > 0 && (
        <p className="soft">{t('empty_fields', { names: filled.empty.join(t('comma')) })}</p>
      )}
      {filled.examples.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('line')}</th>
              <th scope="col">{t('reason')}</th>
              <th scope="col">{t('detail')}</th>
            </tr>
          </thead>
          <tbody>
            {filled.examples.slice(0, 20).map((each) => (
              <tr key={`${each.line} ${each.reason}`}>
                <td className="num">{whole(each.line)}</td>
                <td>{pick(each.zh, each.en)}</td>
                <td>{each.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
