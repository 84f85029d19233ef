/** In hand, ended or all; how many in which state, how many late. Each is a filter by itself. */
import { locale } from '../../../app/language'
import { OPEN_STATES, type State, stateName } from '../../../app/phase'
import type { CaseSearch, Part } from './filters'
import type { StateCount } from './rows'
import { useT } from './words'

interface StateStripProps {
  search: CaseSearch
  counts: StateCount[] | undefined
  onChange: (change: Partial<CaseSearch>) => void
}

export function StateStrip({ search, counts, onChange }: StateStripProps) {
  const t = useT()
  const part: Part = search.part ?? 'open'
  const parts: [Part, string][] = [
    ['open', t('part_open')],
    ['closed', t('part_closed')],
    ['all', t('part_all')],
  ]
  const late = counts?.reduce((sum, row) => sum + row.overdue, 0)
  const states = search.state ?? []
  function toggle(state: State) {
    const next = states.includes(state)
      ? states.filter((each) => each !== state)
      : [...states, state]
    onChange({ state: next.length ? next : undefined })
  }
  return (
    <div className="strip" role="group" aria-label={t('states')}>
      <div className="segments">
        {parts.map(([value, label]) => (
          <button
            key={value}
            type="button"
            aria-pressed={part === value && states.length === 0}
            onClick={() =>
              onChange({ part: value === 'open' ? undefined : value, state: undefined })
            }
          >
            {label}
          </button>
        ))}
      </div>
      <button
        type="button"
        className="chip over"
        aria-pressed={search.overdue === 'true'}
        onClick={() => onChange({ overdue: search.overdue ? undefined : 'true' })}
      >
        {t('overdue')} <Count value={late} />
      </button>
      {OPEN_STATES.map((state) => (
        <button
          key={state}
          type="button"
          className="chip"
          aria-pressed={states.includes(state)}
          onClick={() => toggle(state)}
        >
          {stateName(state)}{' '}
          <Count value={counts && (counts.find((row) => row.state === state)?.count ?? 0)} />
        </button>
      ))}
    </div>
  )
}

/** A dash keeps the place until the number is known. */
function Count({ value }: { value: number | undefined }) {
  return <span className="num">{value === undefined ? '–' : value.toLocaleString(locale())}</span>
}
