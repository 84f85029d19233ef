/** The rows of a layer from a file that a job brings in; the page may be left meanwhile. */
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { send } from '../../../api/client'
import { said } from '../../../api/problem'
import { Fillings } from './Fillings'
import { isOpen, layerAt, readFillings } from './layer'
import { Labelled } from './StyleForm'
import { useT } from './words'

const KINDS = '.geojson,.json,.gpkg,.fgb,.zip,.csv'
const MOST_BYTES = 50 * 1024 * 1024
const WATCHING_MS = 1_500

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
  const picked = useRef<HTMLInputElement>(null)
  const { data, error, refetch } = useQuery({
    queryKey: ['layers', code, 'fillings'],
    queryFn: ({ signal }) => readFillings(code, signal),
    refetchInterval: (query) => (query.state.data?.some(isOpen) ? WATCHING_MS : false),
  })
  const open = data?.find(isOpen)?.id
  // What was open and is over has changed the layer: its rows, and it may be its fields.
  const watched = useRef(open)
  useEffect(() => {
    const over = watched.current !== undefined && watched.current !== open
    watched.current = open
    if (over) onFilled()
  }, [open, onFilled])

  async function fill(event: FormEvent) {
    event.preventDefault()
    if (!file) return setProblem(t('file_missing'))
    if (file.size > MOST_BYTES) return setProblem(t('file_large'))
    setSending(true)
    setProblem('')
    const form = new FormData()
    form.set('file', file)
    form.set('crs', crs.trim())
    form.set('encoding', encoding.trim())
    form.set('layer', layer.trim())
    form.set('anew', String(anew))
    try {
      await send(`${layerAt(code)}/rows`, { method: 'POST', body: form })
      setFile(null)
      if (picked.current) picked.current.value = ''
    } catch (refused) {
      setProblem(said(refused))
    }
    await refetch()
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
            ref={picked}
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
      {(problem || error) && (
        <p className="layer-problem" role="alert">
          {problem || said(error)}
        </p>
      )}
      <p>
        <button type="submit" className="tool main" disabled={sending || open !== undefined}>
          {sending ? t('sending') : t('fill')}
        </button>
      </p>
      {data && <Fillings code={code} fillings={data} onChange={() => void refetch()} />}
    </form>
  )
}
