/** What is evaluated: kind, period, scheme, comparison, and what narrows the counted cases. */
import type { Schemas } from '../../../api/client'
import { named } from '../../../app/language'
import { ListFilter, TreeFilter } from '../list/ChoiceFilters'
import { useChoices } from '../list/choices'
import { channelName } from '../list/columns'
import { CHANNELS } from '../list/filters'
import { roleName } from './names'
import { PeriodPicker } from './PeriodPicker'
import type { Period } from './period'
import { type EvaluationSearch, KINDS, kindOf, LEVELS, narrowings, POSTS, withKind } from './search'
import { useT } from './words'

export interface ControlsProps {
  search: EvaluationSearch
  period: Period
  schemes: Schemas['SchemeOut'][] | undefined
  onChange: (change: Partial<EvaluationSearch>) => void
  onReplace: (search: EvaluationSearch) => void
}

export function Controls({ search, period, schemes, onChange, onReplace }: ControlsProps) {
  const t = useT()
  const kind = kindOf(search)
  return (
    <div className="ev-controls">
      <div className="ev-seg" role="group" aria-label={t('kind')}>
        {KINDS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === kind}
            onClick={() => onReplace(withKind(search, each))}
          >
            {t(`kind_${each}`)}
          </button>
        ))}
      </div>
      <PeriodPicker period={period} onChange={({ code }) => onChange({ period: code })} />
      {kind === 'region' && (
        <label>
          <span>{t('level')}</span>
          <select
            value={search.level ?? 'district'}
            onChange={(event) => {
              const level = LEVELS.find((each) => each === event.target.value)
              const usual = level === 'district' ? undefined : level
              onChange({ level: usual, pin: undefined, look: undefined })
            }}
          >
            {LEVELS.map((each) => (
              <option key={each} value={each}>
                {t(`level_${each}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        <span>{t('scheme')}</span>
        <select
          value={search.scheme ?? ''}
          onChange={(event) => onChange({ scheme: event.target.value || undefined })}
        >
          <option value="">{kind === 'post' ? t('scheme_each') : t('scheme_usual')}</option>
          {(schemes ?? [])
            .filter((each) => each.kind === kind && each.code !== kind)
            .map((each) => (
              <option key={each.code} value={each.code}>
                {named(each)}
              </option>
            ))}
        </select>
      </label>
      <label>
        <span>{t('against')}</span>
        <select
          value={search.against ?? ''}
          onChange={({ target: { value } }) =>
            onChange({ against: value === 'year' || value === 'none' ? value : undefined })
          }
        >
          <option value="">{t('against_previous')}</option>
          <option value="year">{t('against_year')}</option>
          <option value="none">{t('against_none')}</option>
        </select>
      </label>
    </div>
  )
}

type FiltersProps = Pick<ControlsProps, 'search' | 'onChange'>

export function Filters({ search, onChange }: FiltersProps) {
  const t = useT()
  const choices = useChoices(true)
  const kind = kindOf(search)
  return (
    <search className="ev-filters" aria-label={t('filters')}>
      {kind === 'post' && (
        <ListFilter
          label={t('filter_role')}
          options={POSTS.map((value) => ({ value, label: roleName(value) }))}
          value={search.role}
          onChange={(role) => onChange({ role, pin: undefined })}
        />
      )}
      <TreeFilter
        label={t('filter_area')}
        branches={choices.areas}
        value={search.area}
        onChange={(area) => onChange({ area })}
      />
      <TreeFilter
        label={t('filter_matter')}
        branches={choices.matters}
        value={search.matter}
        onChange={(matter) => onChange({ matter })}
      />
      <ListFilter
        label={t('filter_department')}
        options={choices.departments}
        value={search.department}
        width={320}
        onChange={(department) => onChange({ department })}
      />
      <ListFilter
        label={t('filter_channel')}
        options={CHANNELS.map((value) => ({ value, label: channelName(value) }))}
        value={search.channel}
        width={180}
        onChange={(channel) => onChange({ channel })}
      />
      <select
        aria-label={t('origin')}
        value={search.origin ?? ''}
        onChange={({ target: { value } }) =>
          onChange({ origin: value === 'live' || value === 'import' ? value : undefined })
        }
      >
        <option value="">{t('origin_all')}</option>
        <option value="live">{t('origin_live')}</option>
        <option value="import">{t('origin_import')}</option>
      </select>
      {kind !== 'post' && (
        <label className="ev-check" title={t('repeats_says')}>
          <input
            type="checkbox"
            checked={search.repeats === 'true'}
            onChange={(event) => onChange({ repeats: event.target.checked ? 'true' : undefined })}
          />
          {t('repeats')}
        </label>
      )}
      <button
        type="button"
        className="tool"
        disabled={narrowings(search) === 0}
        onClick={() =>
          onChange({
            area: undefined,
            matter: undefined,
            department: undefined,
            channel: undefined,
            role: undefined,
            origin: undefined,
          })
        }
      >
        {t('filter_clear')}
      </button>
    </search>
  )
}
