/** All cases that I may see: filters, table and map of the same cases, linked both ways. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { usePreference } from '../preferences'
import { BulkBar } from './BulkBar'
import { CaseDrawer } from './CaseDrawer'
import { CaseTable } from './CaseTable'
import { ColumnChoice } from './ColumnChoice'
import { replaced } from './changes'
import { useChoices } from './choices'
import { type ColumnKey, isColumns, USUAL } from './columns'
import { Export } from './Export'
import { FilterBar } from './FilterBar'
import { type CaseSearch, countsQuery, listQuery, narrowings, tileQuery } from './filters'
import { ListMap } from './ListMap'
import { Nothing } from './Nothing'
import { Pager } from './Pager'
import { type CaseRow, readCounts, readTotal } from './rows'
import { Splitter } from './Splitter'
import { StateStrip } from './StateStrip'
import { useCurrent } from './useCurrent'
import { useRows } from './useRows'
import { ViewMenu } from './ViewMenu'
import { isViews, NO_VIEWS } from './views'
import { useT } from './words'
import './list.css'

/** How often, at most, numbers are counted and tiles are drawn anew while cases change. */
const COUNT_MS = 5_000
const TILES_MS = 10_000

interface MapChoice {
  shown: boolean
  share: number
}
/** One array for all time: rows are drawn anew only when their columns are others. */
const COLUMNS_AT_FIRST: ColumnKey[] = [...USUAL]
const MAP: MapChoice = { shown: true, share: 0.72 }

function isMapChoice(value: unknown): value is MapChoice {
  if (typeof value !== 'object' || value === null) return false
  return (
    'shown' in value &&
    typeof value.shown === 'boolean' &&
    'share' in value &&
    typeof value.share === 'number' &&
    value.share > 0.2 &&
    value.share < 0.85
  )
}

export default function ListPage() {
  const t = useT()
  const search = useSearch({ from: '/cases' })
  const navigate = useNavigate({ from: '/cases' })
  const columns = usePreference('desk.columns', COLUMNS_AT_FIRST, isColumns)
  const views = usePreference('desk.views', NO_VIEWS, isViews)
  const map = usePreference('desk.map', MAP, isMapChoice)
  const settled = useFirstView(search, views.known, views.value)

  const go = useCallback(
    (next: CaseSearch, replace = false) => void navigate({ search: next, replace }),
    [navigate],
  )
  const change = useCallback(
    (part: Partial<CaseSearch>) => {
      const replace = 'text' in part || 'bbox' in part
      void navigate({ search: (old) => ({ ...old, ...part, cursor: undefined }), replace })
    },
    [navigate],
  )
  const open = search.case ? Number(search.case) : null
  const setOpen = useCallback(
    (id: number | null) =>
      void navigate({
        search: (old) => ({ ...old, case: id === null ? undefined : String(id) }),
        // Back closes the case, not each one that was looked at.
        replace: open !== null,
      }),
    [navigate, open],
  )

  const query = listQuery(search).toString()
  const counted = listQuery({ ...search, order: undefined }).toString()
  const states = countsQuery(search).toString()
  const { version, changed } = useFreshness()
  const rows = useRows({ query, cursor: search.cursor ?? '', enabled: settled, onChange: changed })
  const shown = !rows.empty && !rows.stale
  // The map follows behind the rows: its tiles would take their time from them.
  const tiles = useRef('')
  if (shown || tiles.current === '') tiles.current = tileQuery(search)
  const total = useQuery({
    queryKey: ['cases', 'total', counted],
    queryFn: ({ signal }) => readTotal(counted, signal),
    enabled: shown,
    placeholderData: keepPreviousData,
  }).data
  const counts = useQuery({
    queryKey: ['cases', 'counts', states],
    queryFn: ({ signal }) => readCounts(states, signal),
    enabled: shown,
    placeholderData: keepPreviousData,
  }).data
  const choices = useChoices(!rows.empty)

  const { selected, select, clear } = useSelection(counted)
  const ids = useMemo(() => new Set(selected.keys()), [selected])
  const chosen = useMemo(() => replaced([...selected.values()], rows.items), [selected, rows.items])
  const { current, choose } = useCurrent({
    rows: rows.items,
    open,
    onOpen: setOpen,
    onRefresh: rows.again,
    onToggle: (row) => select([row], !ids.has(row.id)),
  })
  const [hovered, setHovered] = useState<number | null>(null)
  const hoveredRow = useHoveredRow()

  return (
    <main className="list-page" aria-labelledby="list-title">
      <h1 id="list-title" className="only-read">
        {t('title')}
      </h1>
      <FilterBar
        search={search}
        choices={choices}
        onChange={change}
        onClear={() => go(search.part ? { part: search.part } : {})}
      />
      <StateStrip search={search} counts={counts} onChange={change} />
      <Splitter
        label={t('splitter')}
        share={map.value.share}
        onShare={(share) => map.save({ ...map.value, share })}
        first={
          <section className="list-card" aria-label={t('title')}>
            <div className="list-tools">
              <ViewMenu views={views} search={search} onOpen={(next) => go(next)} />
              <FreshBar count={rows.fresh.size} onShow={() => showNewest(search, go, rows.again)} />
              <span className="room" />
              <button
                type="button"
                className="tool"
                aria-pressed={search.order === 'due'}
                onClick={() => change({ order: search.order === 'due' ? undefined : 'due' })}
              >
                {t('order_due')}
              </button>
              <ColumnChoice columns={columns} />
              <Export query={counted} />
              <button
                type="button"
                className="tool"
                aria-pressed={map.value.shown}
                onClick={() => map.save({ ...map.value, shown: !map.value.shown })}
              >
                {t('map')}
              </button>
            </div>
            {selected.size > 0 && <BulkBar rows={chosen} onClear={clear} onDone={rows.again} />}
            <CaseTable
              label={t('title')}
              rows={rows.items}
              place={query + (search.cursor ?? '')}
              columns={columns.value}
              current={current}
              onCurrent={choose}
              onOpen={setOpen}
              onHover={setHovered}
              selected={ids}
              onSelect={select}
              touched={rows.touched}
              left={rows.left}
              stale={rows.stale}
            >
              <Nothing
                loading={rows.empty && !rows.error}
                error={rows.error}
                narrowed={narrowings(search) > 0 || search.bbox !== undefined}
                onAgain={rows.again}
              />
            </CaseTable>
            <Pager
              total={total}
              shown={rows.items.length}
              next={rows.next}
              previous={rows.previous}
              onTurn={(cursor) => go({ ...search, cursor })}
            />
          </section>
        }
        second={
          !map.value.shown ? null : rows.empty && !rows.error ? (
            // Rows first: a map takes the machine for itself while it begins.
            <section className="list-map" />
          ) : (
            <ListMap
              rows={rows.items}
              tiles={tiles.current}
              version={version}
              marked={hovered ?? current}
              bbox={search.bbox}
              onBound={(bbox) => change({ bbox })}
              onPick={(id) => {
                choose(id)
                setOpen(id)
              }}
              onHover={hoveredRow}
            />
          )
        }
      />
      <CaseDrawer id={open} onClose={() => setOpen(null)} onMove={setOpen} />
    </main>
  )
}

/** A person's first view is opened once, where the address says nothing. */
function useFirstView(search: CaseSearch, known: boolean, views: typeof NO_VIEWS): boolean {
  const navigate = useNavigate({ from: '/cases' })
  const [settled, setSettled] = useState(() => Object.keys(search).length > 0)
  useEffect(() => {
    if (settled || !known) return
    const first = views.list.find((view) => view.name === views.first)
    if (first) void navigate({ search: first.search, replace: true })
    setSettled(true)
  }, [settled, known, views, navigate])
  return settled
}

/** Numbers and tiles follow the changes of the list, at their own pace. */
function useFreshness() {
  const client = useQueryClient()
  const [version, setVersion] = useState(0)
  const counting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const drawing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(
    () => () => {
      clearTimeout(counting.current)
      clearTimeout(drawing.current)
    },
    [],
  )
  const changed = useCallback(() => {
    counting.current ??= setTimeout(() => {
      counting.current = undefined
      void client.invalidateQueries({ queryKey: ['cases', 'total'] })
      void client.invalidateQueries({ queryKey: ['cases', 'counts'] })
    }, COUNT_MS)
    drawing.current ??= setTimeout(() => {
      drawing.current = undefined
      setVersion((before) => before + 1)
    }, TILES_MS)
  }, [client])
  return { version, changed }
}

/** Chosen rows, over several pages of the same filter. */
function useSelection(filter: string) {
  const [selected, setSelected] = useState<ReadonlyMap<number, CaseRow>>(new Map())
  const clear = useCallback(() => setSelected(new Map()), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter, another selection
  useEffect(clear, [filter])
  const select = useCallback((rows: readonly CaseRow[], on: boolean) => {
    setSelected((before) => {
      const next = new Map(before)
      for (const row of rows) {
        if (on) next.set(row.id, row)
        else next.delete(row.id)
      }
      return next
    })
  }, [])
  return { selected, select, clear }
}

/** The row of the point under the pointer: marked without drawing the table anew. */
function useHoveredRow() {
  const marked = useRef<Element | null>(null)
  return useCallback((id: number | null) => {
    marked.current?.classList.remove('on-map')
    marked.current = id === null ? null : document.querySelector(`.case-rows tr[data-id="${id}"]`)
    marked.current?.classList.add('on-map')
  }, [])
}

function showNewest(search: CaseSearch, go: (next: CaseSearch) => void, again: () => void) {
  if (search.cursor) go({ ...search, cursor: undefined })
  again()
}

function FreshBar({ count, onShow }: { count: number; onShow: () => void }) {
  const t = useT()
  return (
    <span aria-live="polite">
      {count > 0 && (
        <button type="button" className="tool fresh" onClick={onShow}>
          {t('fresh', { count })}
        </button>
      )}
    </span>
  )
}
