/** Where in the list one stands, how long it is, and the pages before and after. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Component, type Page, readComponentTotal } from '../../../api/components'
import { said } from '../../../api/problem'
import { useT } from './words'

interface PagerProps {
  query: URLSearchParams
  rows: Page<Component> | undefined
  size: number
  page: number
  onTurn: (cursor: string, page: number) => void
}

export function Pager({ query, rows, size, page, onTurn }: PagerProps) {
  const t = useT()
  // A page without one before it is the first, whatever was counted while the register changed.
  const at = rows?.previous ? page : 1
  const first = (at - 1) * size + 1
  const shown = rows?.items.length ?? 0
  return (
    <nav className="component-pager" aria-label={t('pages')}>
      <span className="soft num" role="status">
        {shown > 0 && t('position', { first, last: first + shown - 1 })}
      </span>
      {shown > 0 && <Total query={query} />}
      <span className="room" />
      <button
        type="button"
        className="tool"
        disabled={!rows?.previous}
        onClick={() => rows?.previous && onTurn(rows.previous, at - 1)}
      >
        {t('page_previous')}
      </button>
      <button
        type="button"
        className="tool"
        disabled={!rows?.next}
        onClick={() => rows?.next && onTurn(rows.next, at + 1)}
      >
        {t('page_next')}
      </button>
    </nav>
  )
}

/** Counted where that costs little, else estimated until somebody wants to know. */
function Total({ query }: { query: URLSearchParams }) {
  const t = useT()
  const asked = query.toString()
  const [counted, setCounted] = useState<string | null>(null)
  const exact = counted === asked
  const { data, error, isFetching } = useQuery({
    queryKey: ['components', 'total', asked, exact],
    queryFn: ({ signal }) => readComponentTotal(query, exact, signal),
    // The estimate stays until it is counted; the length of another list would be wrong.
    placeholderData: (before, of) => (of?.queryKey[2] === asked ? before : undefined),
  })
  if (error) {
    return (
      <span className="soft" role="alert">
        {said(error)}
      </span>
    )
  }
  if (!data) return null
  const count = data.exact ? data.count : Number(data.count.toPrecision(2))
  return (
    <>
      <span className="soft num" role="status">
        {t(data.exact ? 'total' : 'total_about', { count })}
      </span>
      {!data.exact && (
        <button
          type="button"
          className="tool small"
          disabled={isFetching}
          onClick={() => setCounted(asked)}
        >
          {isFetching ? t('counting') : t('count_all')}
        </button>
      )}
    </>
  )
}
