/** The cases behind a number, 25 at a time. */
import { type Schemas, send } from '../../api/client'
import type { CaseRow, Overview } from '../../api/overview'
import { named } from '../../app/language'
import { shortTime } from '../../app/time'
import { Clock, StateMark } from '../../ui/Phase'
import { follow } from '../../ui/path'
import { useData } from '../../ui/useData'
import { filtersOf, titleOf } from './caseQuery'
import { useT } from './opened/text'
import { Sheets } from './Sheets'

type Rows = Schemas['Page_CaseRow_']
interface Total {
  count: number
  capped: boolean
}

interface CaseListProps {
  search: string
  overview: Overview | undefined
}

async function readCases(query: string, cursor: string | null, signal: AbortSignal): Promise<Rows> {
  const whole = new URLSearchParams(query)
  if (cursor) whole.set('cursor', cursor)
  return (await send(`/api/cases?${whole}`, { signal })).json()
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
      <Sheets
        name={query}
        read={(cursor, signal) => readCases(query, cursor, signal)}
        keyOf={(row) => row.id}
        row={(row) => (
          <a className="card" href={`/m/leader/cases/${row.id}`} onClick={follow}>
            <CaseCard row={row} />
          </a>
        )}
        none={t('no_cases')}
        className="leader-cases"
      />
    </section>
  )
}

export function CaseCard({ row }: { row: CaseRow }) {
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
