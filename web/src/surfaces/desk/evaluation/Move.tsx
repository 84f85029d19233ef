/** What became of a rank and a score since the other period: an arrow and a word. */
import type { Change } from './ranking'
import { score } from './table'
import { useT } from './words'

export function Move({ change }: { change: Change }) {
  const t = useT()
  const { places, points } = change
  if (places === null && points === null) return <span className="soft">—</span>
  return (
    <span className={`ev-move ${places ? (places > 0 ? 'up' : 'down') : ''}`}>
      {places !== null && (
        <span>
          <span aria-hidden="true">{places > 0 ? '▲' : places < 0 ? '▼' : '＝'}</span>{' '}
          {places === 0
            ? t('rank_same')
            : t(places > 0 ? 'rank_up' : 'rank_down', { count: Math.abs(places) })}
        </span>
      )}
      {points !== null && (
        <span className="num soft">{t('points', { points: signed(points) })}</span>
      )}
    </span>
  )
}

/** +3.1, −0.4, 0.0 */
export function signed(points: number): string {
  const rounded = Math.round(points * 10) / 10
  const text = score(Math.abs(rounded))
  return rounded > 0 ? `+${text}` : rounded < 0 ? `−${text}` : text
}
