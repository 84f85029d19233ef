/** The filters of the list of cases, for the cases on the map. */
import { useState } from 'react'
import { useChoices } from '../list/choices'
import { FilterBar } from '../list/FilterBar'
import { type CaseSearch, narrowings } from '../list/filters'
import { casesOf, type MapSearch } from './search'
import { useT } from './words'
import '../list/list.css'

interface CaseFiltersProps {
  search: MapSearch
  onChange: (part: Partial<MapSearch>) => void
}

const NONE: Partial<CaseSearch> = {
  part: undefined,
  state: undefined,
  area: undefined,
  matter: undefined,
  department: undefined,
  channel: undefined,
  urgency: undefined,
  overdue: undefined,
  from: undefined,
  until: undefined,
  text: undefined,
}

export function CaseFilters({ search, onChange }: CaseFiltersProps) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const cases = casesOf(search)
  const count = narrowings(cases)
  const choices = useChoices(open)
  return (
    <section className="map-filters" aria-label={t('filters')}>
      <button
        type="button"
        className="map-more wide"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> {t('filters')}
        {count > 0 && <span className="badge num">{count}</span>}
      </button>
      {open && (
        <FilterBar
          search={cases}
          choices={choices}
          onChange={onChange}
          onClear={() => onChange(NONE)}
        />
      )}
    </section>
  )
}
