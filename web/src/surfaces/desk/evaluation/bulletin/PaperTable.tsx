/** A table on paper: its heading is repeated on every page, no row is cut in two. */
import type { ReactNode } from 'react'

export interface PaperColumn<T> {
  name: string
  /** Words stand left, figures right. */
  text?: boolean
  /** Takes a third of the line, so that names need not be broken. */
  wide?: boolean
  cell: (row: T) => ReactNode
}

interface PaperTableProps<T> {
  caption: string
  columns: PaperColumn<T>[]
  rows: readonly T[]
  keyOf: (row: T) => string
  total?: T | null
}

export function PaperTable<T>({ caption, columns, rows, keyOf, total }: PaperTableProps<T>) {
  const line = (row: T) => (
    <>
      {columns.map((column) => (
        <td key={column.name} className={column.text ? undefined : 'num'}>
          {column.cell(row)}
        </td>
      ))}
    </>
  )
  return (
    <table className="paper-table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              className={column.wide ? 'wide' : column.text ? undefined : 'num'}
            >
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>{line(row)}</tr>
        ))}
        {/* Not a tfoot: that would be repeated on every page. */}
        {total && <tr className="paper-total">{line(total)}</tr>}
      </tbody>
    </table>
  )
}
