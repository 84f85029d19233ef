/** Evaluation of regions, departments and posts. The address of the page is its state. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { holds } from '../../../api/session'
import { named } from '../../../app/language'
import { shortTime } from '../../../app/time'
import { useKeys } from '../keys'
import { Charts } from './Charts'
import { Controls, Filters } from './Controls'
import { Drill } from './Drill'
import { Export } from './Export'
import { Indicators } from './Indicators'
import { periodName } from './names'
import { type Period, previous, yearBefore } from './period'
import { ResultTable } from './ResultTable'
import { cellOf, columnsOf, counted, inOrder } from './ranking'
import { Schemes } from './schemes/Schemes'
import {
  type EvaluationSearch,
  KINDS,
  kindOf,
  MOST_PINNED,
  narrowings,
  readEvaluation,
  tableQuery,
  wantedPeriod,
  wantedSeries,
  withKind,
} from './search'
import { type Dictionary, type Table, useDictionary, useSchemes, useTable } from './table'
import { useT } from './words'
import './evaluation.css'

export default function EvaluationPage() {
  const t = useT()
  const me = useMe()
  // Read once more: the router leaves in what the root has not checked.
  const search = readEvaluation({ ...useSearch({ from: '/evaluation' }) })
  const navigate = useNavigate({ from: '/evaluation' })
  const change = (part: Partial<EvaluationSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: false })
  const kind = kindOf(search)
  const period = wantedPeriod(search)
  const schemes = useSchemes().data
  const dictionary = useDictionary()
  const query = tableQuery(search, period)
  const table = useTable(kind, query)
  const then = otherPeriod(search, period)
  // After the table itself, which is what people wait for.
  const other = useTable(kind, then && table.data ? { ...query, period: then.code } : null)
  const [filtering, setFiltering] = useState(narrowings(search) > 0)
  const mayWrite = holds(me, 'evaluator', 'administrator')
  const replace = (next: EvaluationSearch) => void navigate({ search: next })
  useKeys({
    tables: (_, index) => {
      const wanted = KINDS[index]
      if (wanted) replace(withKind(search, wanted))
    },
    narrow: () => setFiltering(!filtering),
    bulletin: () =>
      void navigate({
        to: '/evaluation/bulletin',
        search: { period: period.code, level: search.level },
      }),
  })

  return (
    <main className="ev-page" aria-labelledby="ev-title">
      <div className="ev-head">
        <h1 id="ev-title">{t('title')}</h1>
        <Controls
          search={search}
          period={period}
          schemes={schemes}
          onChange={change}
          onReplace={replace}
        />
        <span className="room" />
        <button
          type="button"
          className="tool"
          aria-expanded={filtering}
          onClick={() => setFiltering(!filtering)}
        >
          {t('filters')}
          {narrowings(search) > 0 && <span className="badge num">{narrowings(search)}</span>}
        </button>
        <Link
          className="tool"
          to="/evaluation/bulletin"
          search={{ period: period.code, level: search.level }}
        >
          {t('bulletin')}
        </Link>
        <button type="button" className="tool" onClick={() => change({ schemes: 'list' })}>
          {t('schemes')}
        </button>
        <Export kind={kind} query={query} />
      </div>
      {filtering && <Filters search={search} onChange={change} />}
      {table.error && !table.data ? (
        <p className="empty" role="alert">
          {said(table.error)}{' '}
          <button type="button" className="tool" onClick={() => void table.refetch()}>
            {t('try_again')}
          </button>
        </p>
      ) : !table.data || !dictionary || table.data.kind !== kind ? (
        <p className="empty" role="status">
          {t('loading')}
        </p>
      ) : (
        <Result
          search={search}
          period={period}
          table={table.data}
          stale={table.isPlaceholderData}
          problem={table.error ?? other.error}
          other={then && (other.data?.kind === kind ? other.data : undefined)}
          then={then}
          dictionary={dictionary}
          weights={weightsOf(search, schemes)}
          onChange={change}
        />
      )}
      {search.schemes && (
        <Schemes
          open={search.schemes}
          schemes={schemes}
          dictionary={dictionary}
          person={me?.user.id ?? 0}
          mayWrite={mayWrite}
          onOpen={(code) => change({ schemes: code })}
          onRemoved={(code) => {
            if (code === search.scheme) change({ scheme: undefined })
          }}
        />
      )}
    </main>
  )
}

interface ResultProps {
  search: EvaluationSearch
  period: Period
  table: Table
  /** Of what was asked before; the new one is coming. */
  stale: boolean
  problem: Error | null
  other: Table | undefined | null
  then: Period | null
  dictionary: Dictionary
  weights: string[] | undefined
  onChange: (change: Partial<EvaluationSearch>) => void
}

function Result(props: ResultProps) {
  const { search, period, table, stale, problem, other, then, dictionary, onChange } = props
  const t = useT()
  const [choosing, setChoosing] = useState(false)
  useKeys({ columns: () => setChoosing(!choosing) })
  const kind = kindOf(search)
  const columns = columnsOf(kind, search, dictionary, props.weights)
  const ordered = inOrder(table.rows, search.sort)
  const rows = search.all ? ordered : ordered.filter(counted)
  const without = ordered.length - ordered.filter(counted).length
  const looked =
    search.of === '*' ? table.total : table.rows.find((row) => row.object.code === search.of)
  const unfinished = table.periods.some((each) => Date.parse(each.end) > Date.parse(table.at))
  const label = t('table_of', { kind: t(`kind_${kind}`), period: periodName(period) })
  const pinned = search.pin ?? []
  return (
    <>
      {search.charts !== 'hidden' && (
        <Charts
          search={search}
          period={period}
          series={wantedSeries(search, period)}
          rows={rows}
          columns={columns}
          dictionary={dictionary}
          onChange={onChange}
        />
      )}
      <div className="ev-tools">
        <h2>{label}</h2>
        <span className="soft" role="status">
          {stale ? t('loading') : t('as_of', { time: shortTime(table.at) })}
          {unfinished && !stale && ` ${t('unfinished')}`}
          {then && !stale && ` ${t('compared_with', { period: periodName(then) })}`}
        </span>
        {problem && (
          <span role="alert" className="ev-problem">
            {said(problem)}
          </span>
        )}
        <span className="room" />
        {without > 0 && (
          <label className="ev-check">
            <input
              type="checkbox"
              checked={search.all === 'true'}
              onChange={(event) => onChange({ all: event.target.checked ? 'true' : undefined })}
            />
            {t('show_empty', { count: without })}
          </label>
        )}
        <button type="button" className="tool" onClick={() => setChoosing(true)}>
          {t('indicators')}
        </button>
        <button
          type="button"
          className="tool"
          aria-pressed={search.charts !== 'hidden'}
          onClick={() => onChange({ charts: search.charts ? undefined : 'hidden' })}
        >
          {t('charts')}
        </button>
      </div>
      {rows.length === 0 ? (
        <p className="empty">{t('nothing', { period: periodName(period) })}</p>
      ) : (
        <ResultTable
          key={`${kind} ${period.code}`}
          label={label}
          table={table}
          rows={rows}
          columns={columns}
          dictionary={dictionary}
          other={other}
          sort={search.sort}
          onSort={(sort) => onChange({ sort })}
          pinned={pinned}
          onPin={(code, on) => {
            const next = on ? [...pinned, code] : pinned.filter((each) => each !== code)
            onChange({ pin: next.length ? next.slice(0, MOST_PINNED) : undefined })
          }}
          onLook={(look, of) => onChange({ look, of, part: undefined })}
        />
      )}
      {choosing && (
        <Indicators
          kind={kind}
          dictionary={dictionary}
          columns={columns}
          onChange={(show) => onChange({ show })}
          onClose={() => setChoosing(false)}
        />
      )}
      {search.look && search.of && !choosing && (
        <Drill
          search={search}
          period={period}
          dictionary={dictionary}
          name={search.of === '*' ? t('total') : looked ? named(looked.object) : search.of}
          cell={looked ? cellOf(looked) : undefined}
          at={table.at}
          onPart={(part) => onChange({ part })}
          onClose={() => onChange({ look: undefined, of: undefined, part: undefined })}
        />
      )}
    </>
  )
}

function otherPeriod(search: EvaluationSearch, period: Period): Period | null {
  if (search.against === 'none') return null
  return search.against === 'year' ? yearBefore(period) : previous(period)
}

/** What a scheme that was chosen weighs; the usual one has the usual columns. */
function weightsOf(
  search: EvaluationSearch,
  schemes: { code: string; weights: Record<string, unknown> }[] | undefined,
): string[] | undefined {
  const chosen = search.scheme && schemes?.find((each) => each.code === search.scheme)
  return chosen ? Object.keys(chosen.weights) : undefined
}
