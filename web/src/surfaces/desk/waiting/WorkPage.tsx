/** What waits for me, the nearest deadline first: new work appears, finished work goes by itself. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { useMe } from '../../../api/queries'
import { holds } from '../../../api/session'
import { startOf, today } from '../../../app/days'
import { locale } from '../../../app/language'
import { dayOf, useNow } from '../../../app/time'
import { CaseDrawer } from '../list/CaseDrawer'
import { CaseTable } from '../list/CaseTable'
import type { ColumnKey } from '../list/columns'
import { Nothing } from '../list/Nothing'
import { Pager } from '../list/Pager'
import { useCurrent } from '../list/useCurrent'
import { useRows } from '../list/useRows'
import { readWork, WORK, type Work } from './counts'
import { TABS, type Tab, type WorkSearch } from './tabs'
import { VisitList } from './VisitList'
import { useT } from './words'
import '../list/list.css'
import './work.css'

const COLUMNS: ColumnKey[] = [
  'clock',
  'number',
  'matter',
  'state',
  'marks',
  'address',
  'description',
  'department',
  'reported_at',
]

/** The question to the server for a tab; what is due today is due before the city's midnight. */
export function workQuery(tab: Tab, day: string): string {
  const query = new URLSearchParams({ waiting: 'true', order: 'due' })
  if (tab === 'overdue') query.set('overdue', 'true')
  if (tab === 'today') {
    query.set('overdue', 'false')
    query.set('due_until', startOf(day, 1))
  }
  if (tab === 'requests') query.set('why', 'request')
  if (tab === 'supervised') query.set('why', 'supervision')
  return query.toString()
}

export default function WorkPage() {
  const t = useT()
  const me = useMe()
  const search = useSearch({ from: '/' })
  const now = useNow(60)
  const tab = search.tab ?? 'waiting'
  return (
    <main className="work" aria-labelledby="work-title">
      <header>
        <h1 id="work-title">
          {t('greeting', { name: me?.user.display_name || me?.user.username || '' })}
        </h1>
        <p>{dayOf(now)}</p>
        {holds(me, 'acceptor', 'shift_leader') && (
          <Link to="/order" className="tool main">
            {t('new_order')}
          </Link>
        )}
      </header>
      <Counters tab={tab} visitor={holds(me, 'acceptor', 'shift_leader')} />
      {tab === 'visits' ? <Visits search={search} /> : <Waiting tab={tab} search={search} />}
    </main>
  )
}

const COUNT_OF: Record<Tab, keyof Work> = {
  waiting: 'waiting',
  overdue: 'overdue',
  today: 'due_today',
  requests: 'requests',
  supervised: 'supervised',
  visits: 'visits',
}

/** Counters that are tabs: each shows how many, and opens the list of them. */
function Counters({ tab, visitor }: { tab: Tab; visitor: boolean }) {
  const t = useT()
  const { data } = useQuery({ queryKey: WORK, queryFn: readWork, staleTime: 30_000 })
  // Posts that never visit, or never answer supervisions, need no empty counter of it.
  const shown = TABS.filter((each) => {
    if (each === 'visits') return visitor
    if (each !== 'requests' && each !== 'supervised') return true
    return each === tab || (data?.[COUNT_OF[each]] ?? 0) > 0
  })
  return (
    <nav className="counters" aria-label={t('counters')}>
      {shown.map((each) => {
        const count = data?.[COUNT_OF[each]]
        const full = data !== undefined && count !== undefined && count >= data.capped
        return (
          <Link
            key={each}
            to="/"
            search={each === 'waiting' ? {} : { tab: each }}
            activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
            aria-current={each === tab ? 'page' : undefined}
            className={each === 'overdue' && count ? 'late' : undefined}
          >
            <span className="num">
              {count === undefined ? '–' : count.toLocaleString(locale())}
              {full && '+'}
            </span>
            {t(`tab_${each}`)}
          </Link>
        )
      })}
    </nav>
  )
}

function useOpenCase(search: WorkSearch) {
  const navigate = useNavigate({ from: '/' })
  const open = search.case ? Number(search.case) : null
  const setOpen = useCallback(
    (id: number | null) =>
      void navigate({
        search: (old) => ({ ...old, case: id === null ? undefined : String(id) }),
        replace: open !== null,
      }),
    [navigate, open],
  )
  return { open, setOpen }
}

function Waiting({ tab, search }: { tab: Tab; search: WorkSearch }) {
  const t = useT()
  const navigate = useNavigate({ from: '/' })
  const { open, setOpen } = useOpenCase(search)
  const day = today(useNow(60))
  const rows = useRows({ query: workQuery(tab, day), cursor: search.cursor ?? '', follow: true })
  const { current, choose } = useCurrent({
    rows: rows.items,
    open,
    onOpen: setOpen,
    onRefresh: rows.again,
  })
  return (
    <section className="list-card" aria-label={t(`tab_${tab}`)}>
      <CaseTable
        label={t(`tab_${tab}`)}
        rows={rows.items}
        columns={COLUMNS}
        current={current}
        onCurrent={choose}
        onOpen={setOpen}
        touched={rows.touched}
        left={rows.left}
        stale={rows.stale}
      >
        {rows.empty || rows.error ? (
          <Nothing
            loading={rows.empty && !rows.error}
            error={rows.error}
            narrowed={false}
            onAgain={rows.again}
          />
        ) : (
          <div className="empty">
            <p>{t(`none_${tab}`)}</p>
            <Link to="/cases">{t('to_cases')}</Link>
          </div>
        )}
      </CaseTable>
      <Pager
        total={undefined}
        shown={rows.items.length}
        next={rows.next}
        previous={rows.previous}
        onTurn={(cursor) => void navigate({ search: (old) => ({ ...old, cursor }) })}
      />
      <CaseDrawer id={open} onClose={() => setOpen(null)} onMove={setOpen} />
    </section>
  )
}

function Visits({ search }: { search: WorkSearch }) {
  const { open, setOpen } = useOpenCase(search)
  return (
    <>
      <VisitList cursor={search.cursor ?? ''} open={open} onOpen={setOpen} />
      <CaseDrawer id={open} onClose={() => setOpen(null)} onMove={setOpen} />
    </>
  )
}
