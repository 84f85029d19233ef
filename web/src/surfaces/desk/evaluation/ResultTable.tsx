/** The table: rank, change, score, grade, and the chosen numbers, each of which can be opened. */
import { Tooltip } from 'antd'
import { useState } from 'react'
import { named } from '../../../app/language'
import { Move } from './Move'
import { roleName } from './names'
import { cellOf, cellsByCode, changeOf, NOBODY } from './ranking'
import { MOST_PINNED } from './search'
import {
  type Cell,
  type Dictionary,
  definition,
  figureOf,
  indicatorName,
  type Row,
  type Table,
  writeValue,
} from './table'
import { useT } from './words'

/** Rows drawn at first; a city may have thousands of people. */
const PAGE = 100

interface ResultTableProps {
  label: string
  table: Table
  rows: readonly Row[]
  columns: readonly string[]
  dictionary: Dictionary
  /** The table of the other period: undefined while it comes, null where none is wanted. */
  other: Table | undefined | null
  sort: string | undefined
  onSort: (sort: string | undefined) => void
  pinned: readonly string[]
  onPin: (code: string, pinned: boolean) => void
  /** `*` is the total. */
  onLook: (code: string, object: string) => void
}

export function ResultTable(props: ResultTableProps) {
  const { label, table, rows, columns, dictionary, other, sort, onSort } = props
  const t = useT()
  const [shown, setShown] = useState(PAGE)
  const others = cellsByCode(other?.rows)
  const posts = table.kind === 'post'
  const compared = other !== null
  const heading = (code: string, name: string) => (
    <Heading
      key={code}
      code={code}
      name={name}
      says={definition(dictionary, code)}
      sort={sort}
      onSort={onSort}
    />
  )
  const line = (row: Row, then: Cell | undefined, total = false) => (
    <Line
      {...props}
      key={row.object.code}
      row={row}
      then={then}
      compared={compared}
      posts={posts}
      total={total}
    />
  )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <section className="ev-scroll" aria-label={label} tabIndex={0}>
      <table className="ev-table">
        <caption className="only-read">{label}</caption>
        <thead>
          <tr>
            <th scope="col" className="ev-pin">
              <span className="only-read">{t('pin')}</span>
            </th>
            {heading('name', t('object'))}
            {posts && <th scope="col">{t('post')}</th>}
            <th scope="col" className="num">
              {t('rank')}
            </th>
            {compared && <th scope="col">{t('change')}</th>}
            {heading('score', t('score'))}
            {columns.map((code) => heading(code, indicatorName(dictionary, code)))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row) => line(row, others.get(row.object.code)))}
          {rows.length > shown && (
            <tr>
              <td colSpan={columns.length + 4 + Number(posts) + Number(compared)}>
                <button type="button" className="tool" onClick={() => setShown(shown + 5 * PAGE)}>
                  {t('more_rows', { count: rows.length - shown })}
                </button>
              </td>
            </tr>
          )}
        </tbody>
        {table.total && (
          <tfoot>{line(table.total, other?.total ? cellOf(other.total) : undefined, true)}</tfoot>
        )}
      </table>
    </section>
  )
}

interface HeadingProps {
  code: string
  name: string
  says: string
  sort: string | undefined
  onSort: (sort: string | undefined) => void
}

/** Largest first, smallest first, by rank again. Says on hover and focus what is counted. */
function Heading({ code, name, says, sort, onSort }: HeadingProps) {
  const order = sort === `-${code}` ? 'descending' : sort === code ? 'ascending' : undefined
  const first = code === 'name' ? code : `-${code}`
  const second = code === 'name' ? `-${code}` : code
  const button = (
    <button
      type="button"
      onClick={() => onSort(sort === first ? second : sort === second ? undefined : first)}
    >
      {name}
      {order && <span aria-hidden="true">{order === 'descending' ? ' ↓' : ' ↑'}</span>}
    </button>
  )
  return (
    <th scope="col" aria-sort={order} className={code === 'name' ? 'ev-name' : 'num'}>
      {says ? (
        <Tooltip title={says} trigger={['hover', 'focus']} mouseEnterDelay={0.2}>
          {button}
        </Tooltip>
      ) : (
        button
      )}
    </th>
  )
}

interface LineProps extends ResultTableProps {
  row: Row
  /** The same object in the other period. */
  then: Cell | undefined
  compared: boolean
  posts: boolean
  total: boolean
}

function Line({ row, then, compared, posts, total, ...props }: LineProps) {
  const t = useT()
  const { columns, dictionary, pinned, onPin, onLook } = props
  const cell = cellOf(row)
  const name = total ? t('total') : named(row.object)
  const pin = pinned.includes(row.object.code)
  return (
    <tr className={total ? 'ev-total' : undefined}>
      <td className="ev-pin">
        {!total && row.object.code !== NOBODY && (
          <input
            type="checkbox"
            aria-label={t('pin_row', { name })}
            title={t('pin_row', { name })}
            checked={pin}
            disabled={!pin && pinned.length >= MOST_PINNED}
            onChange={(event) => onPin(row.object.code, event.target.checked)}
          />
        )}
      </td>
      <th scope="row" title={name}>
        {name}
      </th>
      {posts && <td>{row.object.role && roleName(row.object.role)}</td>}
      <td className="num ev-rank">{total ? '' : (cell.rank ?? '—')}</td>
      {compared && <td>{!total && <Move change={changeOf(cell, then)} />}</td>}
      <td className="num">
        {!total && (
          <span className="ev-score">
            {writeValue(dictionary, 'score', cell.score)}
            {cell.grade && <Grade grade={cell.grade} colour={cell.colour} />}
          </span>
        )}
      </td>
      {columns.map((code) => (
        <td key={code} className="num">
          <Figure
            dictionary={dictionary}
            code={code}
            name={name}
            value={figureOf(cell, code)}
            then={compared ? figureOf(then, code) : undefined}
            onLook={() => onLook(code, total ? '*' : row.object.code)}
          />
        </td>
      ))}
    </tr>
  )
}

/** A grade as a letter; the colour that the scheme gives it stands beside. */
export function Grade({ grade, colour }: { grade: string; colour?: string | null }) {
  return (
    <span className="ev-grade">
      {colour && <i aria-hidden="true" style={{ background: colour }} />}
      {grade}
    </span>
  )
}

interface FigureProps {
  dictionary: Dictionary
  code: string
  name: string
  value: number | null | undefined
  then: number | null | undefined
  onLook: () => void
}

/** A number; where something was counted, it opens what that was. */
function Figure({ dictionary, code, name, value, then, onLook }: FigureProps) {
  const t = useT()
  const text = writeValue(dictionary, code, value)
  if (value === null || value === undefined) return <span className="soft">{text}</span>
  if (value === 0 && dictionary.measures.has(code)) return <span>{text}</span>
  const was =
    then === undefined ? undefined : t('was', { value: writeValue(dictionary, code, then) })
  return (
    <button
      type="button"
      className="ev-figure"
      title={was}
      aria-label={t('open_figure', {
        name,
        indicator: indicatorName(dictionary, code),
        value: text,
      })}
      onClick={onLook}
    >
      {text}
    </button>
  )
}
