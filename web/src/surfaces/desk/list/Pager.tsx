/** How long the list is, and the pages before and after. */
import type { Total } from './rows'
import { useT } from './words'

interface PagerProps {
  total: Total | undefined
  shown: number
  next: string | null
  previous: string | null
  onTurn: (cursor: string) => void
}

export function Pager({ total, shown, next, previous, onTurn }: PagerProps) {
  const t = useT()
  const long = total && (total.capped ? 'total_capped' : 'total')
  return (
    <nav className="pager" aria-label={t('pages')}>
      <span className="num" role="status">
        {long && t(long, { count: total.count })}
        {total && ' · '}
        {t('on_page', { count: shown })}
      </span>
      <button
        type="button"
        className="tool"
        disabled={!previous}
        onClick={() => previous && onTurn(previous)}
      >
        {t('page_previous')}
      </button>
      <button type="button" className="tool" disabled={!next} onClick={() => next && onTurn(next)}>
        {t('page_next')}
      </button>
    </nav>
  )
}
