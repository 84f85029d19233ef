/**
 * Rows of cases, dense and quick: a native table, because fifty rows are on the screen in a few
 * milliseconds and a reader's software knows what it is. Arrow keys move, Enter opens.
 */
import { Link } from '@tanstack/react-router'
import { memo, type ReactNode, useEffect, useRef } from 'react'
import { COLUMNS, type ColumnKey, caseName, columnName, widthOf } from './columns'
import type { CaseRow } from './rows'
import { useT } from './words'

/** Pixels of a share of 1 below which the table is scrolled instead. */
const LEAST_SHARE = 34

export interface CaseTableProps {
  rows: readonly CaseRow[]
  columns: readonly ColumnKey[]
  label: string
  /** Which list and page this is: another one begins at its top. */
  place?: string
  /** The row that keys act on. */
  current: number | null
  onCurrent: (id: number) => void
  /** Opens the case beside the list. */
  onOpen: (id: number) => void
  onHover?: (id: number | null) => void
  /** Absent: rows cannot be selected. */
  selected?: ReadonlySet<number>
  onSelect?: (rows: readonly CaseRow[], on: boolean) => void
  touched?: ReadonlySet<number>
  left?: ReadonlySet<number>
  stale?: boolean
  /** In place of rows, where there are none. */
  children?: ReactNode
}

export function CaseTable(props: CaseTableProps) {
  const { rows, columns, label, current, selected, onSelect, stale, children } = props
  const t = useT()
  const box = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLTableSectionElement>(null)
  const fixed = columns.reduce((sum, key) => sum + (widthOf(key) ?? 0), selected ? 40 : 0)
  const shares = columns.reduce((sum, key) => sum + (COLUMNS[key].share ?? 0), 0)
  const all = rows.length > 0 && rows.every((row) => selected?.has(row.id))
  const some = !all && rows.some((row) => selected?.has(row.id))

  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is the reason
  useEffect(() => {
    box.current?.scrollTo({ top: 0 })
  }, [props.place])

  useEffect(() => {
    const row = body.current?.querySelector<HTMLElement>('tr[data-current]')
    if (current === null || !row || !box.current) return
    reveal(box.current, row)
    // The focus follows the current row only from one row to another.
    if (document.activeElement?.closest('.case-rows')) row.focus({ preventScroll: true })
  }, [current])

  return (
    <div ref={box} className={`case-rows${stale ? ' stale' : ''}`} aria-busy={stale}>
      <table aria-label={label} style={{ minWidth: fixed + shares * LEAST_SHARE }}>
        <colgroup>
          {selected && <col style={{ width: 40 }} />}
          {columns.map((key) => {
            const { share = 0 } = COLUMNS[key]
            return <col key={key} style={{ width: widthOf(key) ?? `${(share / shares) * 100}%` }} />
          })}
        </colgroup>
        <thead>
          <tr>
            {selected && (
              <th scope="col" className="pick">
                <input
                  type="checkbox"
                  aria-label={t('select_page')}
                  checked={all}
                  ref={(box) => {
                    if (box) box.indeterminate = some
                  }}
                  onChange={() => onSelect?.(rows, !all)}
                />
              </th>
            )}
            {columns.map((key) => (
              <th key={key} scope="col" title={columnName(key)}>
                {columnName(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onMouseLeave={() => props.onHover?.(null)}>
          {rows.map((row, index) => (
            <Row
              key={row.id}
              row={row}
              columns={columns}
              current={row.id === current}
              reachable={current === null ? index === 0 : row.id === current}
              selected={selected?.has(row.id)}
              touched={props.touched?.has(row.id) ?? false}
              left={props.left?.has(row.id) ?? false}
              onCurrent={props.onCurrent}
              onOpen={props.onOpen}
              onHover={props.onHover}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && children}
    </div>
  )
}

/** `scrollIntoView` would move the page and its header too. */
function reveal(box: HTMLElement, row: HTMLElement): void {
  const room = box.getBoundingClientRect()
  const place = row.getBoundingClientRect()
  const top = room.top + place.height // the heading stays
  if (place.top < top) box.scrollTop -= top - place.top
  else if (place.bottom > room.bottom) box.scrollTop += place.bottom - room.bottom
}

interface RowProps {
  row: CaseRow
  columns: readonly ColumnKey[]
  current: boolean
  /** Whether the tab key comes here: only one row of a table takes it. */
  reachable: boolean
  selected?: boolean
  touched: boolean
  left: boolean
  onCurrent: (id: number) => void
  onOpen: (id: number) => void
  onHover?: (id: number | null) => void
  onSelect?: (rows: readonly CaseRow[], on: boolean) => void
}

const Row = memo(function Row(props: RowProps) {
  const { row, columns, current, reachable, selected, touched, left } = props
  const t = useT()
  const marks = [touched && 'touched', left && 'left'].filter(Boolean).join(' ')
  return (
    <tr
      data-id={row.id}
      data-current={current || undefined}
      className={marks || undefined}
      tabIndex={reachable ? 0 : -1}
      aria-current={current || undefined}
      onFocus={() => {
        if (!current) props.onCurrent(row.id)
      }}
      onMouseEnter={() => props.onHover?.(row.id)}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('a, input')) return
        props.onCurrent(row.id)
        props.onOpen(row.id)
      }}
    >
      {selected !== undefined && (
        <td className="pick">
          <input
            type="checkbox"
            tabIndex={reachable ? 0 : -1}
            aria-label={t('select_row', { name: caseName(row) })}
            checked={selected}
            onChange={() => props.onSelect?.([row], !selected)}
          />
        </td>
      )}
      {columns.map((key) => {
        const { cell, title } = COLUMNS[key]
        const content = cell(row)
        return (
          <td key={key} title={title?.(row) || undefined}>
            {key === 'number' ? (
              <Link
                to="/cases/$id"
                params={{ id: String(row.id) }}
                tabIndex={reachable ? 0 : -1}
                preload={false}
              >
                {content}
              </Link>
            ) : (
              content
            )}
            {key === 'state' && left && <span className="only-read">{t('left_list')}</span>}
          </td>
        )
      })}
    </tr>
  )
})
