/** The components behind a number of the inventory. */
import { useEffect, useState } from 'react'
import { type Schemas, send } from '../../api/client'
import { said } from '../../api/problem'
import { follow } from '../../ui/path'
import { useData } from '../../ui/useData'
import { useT, word } from './words'

type Component = Schemas['ComponentOut']
type Rows = Schemas['Page_ComponentOut_']

export function Components({ search }: { search: string }) {
  const t = useT()
  const given = new URLSearchParams(search)
  const query = new URLSearchParams()
  for (const name of ['class_code', 'state']) {
    const value = given.get(name)
    if (value) query.set(name, value)
  }
  return (
    <section className="leader-list">
      <h2>{t('components')}</h2>
      <Sheets key={query.toString()} query={query.toString()} />
    </section>
  )
}

function Sheets({ query }: { query: string }) {
  const t = useT()
  const [cursor, setCursor] = useState<string | null>(null)
  const [rows, setRows] = useState<Component[]>([])
  const { data, error, loading, again } = useData<Rows>(
    `${query}#${cursor ?? ''}`,
    async (signal) => {
      const whole = new URLSearchParams(query)
      if (cursor) whole.set('cursor', cursor)
      return (await send(`/api/components?${whole}`, { signal })).json()
    },
  )
  useEffect(() => {
    if (!data) return
    setRows((before) => {
      const known = new Set(before.map((row) => row.code))
      return [...before, ...data.items.filter((row) => !known.has(row.code))]
    })
  }, [data])
  return (
    <>
      <ul className="leader-rows card">
        {rows.map((row) => (
          <li key={row.code}>
            <a href={`/m/leader/components/${encodeURIComponent(row.code)}`} onClick={follow}>
              <strong>{row.name || row.code}</strong>
              <span className={row.state === 'intact' ? 'soft' : 'phase phase-over'}>
                {word('state', row.state)}
              </span>
              <span className="soft num">{row.code}</span>
            </a>
          </li>
        ))}
      </ul>
      {loading && (
        <p className="empty" role="status">
          {t('loading')}
        </p>
      )}
      {!!error && (
        <div className="empty">
          <p role="alert">{said(error)}</p>
          <button type="button" className="button" onClick={again}>
            {t('try_again')}
          </button>
        </div>
      )}
      {data && rows.length === 0 && data.items.length === 0 && (
        <p className="empty">{t('no_components')}</p>
      )}
      {data?.next && (
        <button type="button" className="button" onClick={() => setCursor(data.next ?? null)}>
          {t('more')}
        </button>
      )}
    </>
  )
}
