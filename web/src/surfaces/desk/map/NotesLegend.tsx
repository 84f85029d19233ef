/** What the notes on a sheet are: whoever gets the sheet has not drawn them. */
import type { Note } from './notes'
import { useT } from './words'

const SHAPES = [
  ['Point', 'point'],
  ['LineString', 'line'],
  ['Polygon', 'polygon'],
] as const

export function NotesLegend({ notes }: { notes: readonly Note[] }) {
  const t = useT()
  const drawn = SHAPES.filter(([type]) => notes.some((note) => note.geometry.type === type))
  if (drawn.length === 0) return null
  return (
    <section>
      <h2>{t('own_notes')}</h2>
      <ul className="map-legend-list">
        {drawn.map(([, shape]) => (
          <li key={shape}>
            <span className={`map-colour note ${shape}`} aria-hidden="true" />
            {t(`form_${shape}`)}
          </li>
        ))}
      </ul>
    </section>
  )
}
