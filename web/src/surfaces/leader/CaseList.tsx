/** The cases behind a number, 25 at a time. */
import { useEffect, useState } from 'react'
import type { Schemas } from '../../api/client'
import { send } from '../../api/client'
import type { CaseRow, Overview } from '../../api/overview'
import { said } from '../../api/problem'
import { named } from '../../app/language'
import { shortTime } from '../../app/time'
import { Clock, StateMark } from '../../ui/Phase'
import { follow } from '../../ui/path'
import { useData } from '../../ui/useData'
import { filtersOf, titleOf } from './caseQuery'
import { useT } from './words'

type Rows = Schemas['Page_CaseRow_']
interface Total {
  count: number
  capped: boolean
}

interface CaseListProps {
  search: string
  overview: Overview | undefined
}

export function CaseList({ search, overview }: CaseListProps) {
  const t = useT()
  const filters = filtersOf(search)
  const query = filters.toString()
  const title = titleOf(filters, overview)
  const total = useData<Total>(query, async (signal) =>
    (await send(`/api/cases/total?${query}`, { signal })).json(),
  )
  return (
    <section className="leader-list">
      <h2>{title}</h2>
      <p className="soft num" aria-live="polite">
        {total.data &&
          t(total.data.capped ? 'cases_at_least' : 'cases', { count: total.data.count })}
      </p>
      <Sheets key={query} query={query} />
    </section>
  )
}

/** One page under the other: what was read stays while the next is asked for. */
function Sheets({ query }: { query: string }) {
  const t = useT()
  const [cursor, setCursor] = useState<string | null>(null)
  const [rows, setRows] = useState<CaseRow[]>([])
  const { data, error, loading, again } = useData<Rows>(
    `${query}#${cursor ?? ''}`,
    async (signal) => {
      const whole = new URLSearchParams(query)
      if (cursor) whole.set('cursor', cursor)
      return (await send(`/api/cases?${whole}`, { signal })).json()
    },
  )
  useEffect(() => {
    if (!data) return
    setRows((before) => {
      const known = new Set(before.map((row) => row.id))
      return [...before, ...data.items.filter((row) => !known.has(row.id))]
    })
  }, [data])
  return (
    <>
      <ul className="leader-cases">
        {rows.map((row) => (
          <li key={row.id}>
            <a className="card" href={`/m/leader/cases/${row.id}`} onClick={follow}>
              <CaseCard row={row} />
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
        <p className="empty">{t('no_cases')}</p>
      )}
      {data?.next && (
        <button type="button" className="button" onClick={() => setCursor(data.next ?? null)}>
          {t('more')}
        </button>
      )}
    </>
  )
}

function CaseCard({ row }: { row: CaseRow }) {
  const t = useT()
  return (
    <>
      <span className="leader-case-top">
        <strong>{named(row.matter, t('no_matter'))}</strong>
        <StateMark row={row} />
      </span>
      <span className="leader-case-words">{row.description}</span>
      <span className="soft">{row.address || named(row.area, t('no_place'))}</span>
      <span className="leader-case-top soft">
        <span className="num">{shortTime(row.reported_at)}</span>
        <Clock row={row} />
      </span>
      {row.department && <span className="soft">{named(row.department)}</span>}
    </>
  )
}
