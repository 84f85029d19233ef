/** A long list one page under the other: what was read stays while the next is asked for. */
import { type ReactNode, useEffect, useState } from 'react'
import { said } from '../../api/problem'
import { useData } from '../../ui/useData'
import { useT } from './opened/text'

export interface Sheet<T> {
  items: T[]
  next?: string | null
}

interface SheetsProps<T> {
  /** What is listed; another list begins anew. */
  name: string
  read: (cursor: string | null, signal: AbortSignal) => Promise<Sheet<T>>
  keyOf: (row: T) => string | number
  row: (row: T) => ReactNode
  /** Said where there is none. */
  none: string
  className: string
}

export function Sheets<T>(props: SheetsProps<T>) {
  return <Sheeted key={props.name} {...props} />
}

function Sheeted<T>({ name, read, keyOf, row, none, className }: SheetsProps<T>) {
  const t = useT()
  const [cursor, setCursor] = useState<string | null>(null)
  const [rows, setRows] = useState<ReadonlyMap<string | number, T>>(new Map())
  const { data, error, loading, again } = useData(`${name}#${cursor ?? ''}`, (signal) =>
    read(cursor, signal),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: how a row is named does not change
  useEffect(() => {
    if (!data) return
    setRows((before) => {
      const next = new Map(before)
      for (const each of data.items) if (!next.has(keyOf(each))) next.set(keyOf(each), each)
      return next
    })
  }, [data])
  return (
    <>
      {rows.size > 0 && (
        <ul className={className}>
          {[...rows].map(([key, each]) => (
            <li key={key}>{row(each)}</li>
          ))}
        </ul>
      )}
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
      {data && rows.size === 0 && data.items.length === 0 && <p className="empty">{none}</p>}
      {data?.next && (
        <button type="button" className="button" onClick={() => setCursor(data.next ?? null)}>
          {t('more')}
        </button>
      )}
    </>
  )
}
