/** The filters above the list. What is chosen goes into the address at once, words after a pause. */
import { DatePicker } from 'antd'
import dayjs from 'dayjs'
import { TextFilter } from '../TextFilter'
import { ListFilter, TreeFilter } from './ChoiceFilters'
import type { Choices } from './choices'
import { channelName } from './columns'
import { type CaseSearch, CHANNELS, narrowings } from './filters'
import { useT } from './words'

interface FilterBarProps {
  search: CaseSearch
  choices: Choices
  /** Changes some of the filter; undefined takes a name away. */
  onChange: (change: Partial<CaseSearch>) => void
  onClear: () => void
}

export function FilterBar({ search, choices, onChange, onClear }: FilterBarProps) {
  const t = useT()
  return (
    <search className="filters" aria-label={t('filters')}>
      <TextFilter
        value={search.text ?? ''}
        label={t('filter_text')}
        most={200}
        onChange={(text) => onChange({ text })}
      />
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
        className="filter narrow"
        label={t('filter_channel')}
        options={CHANNELS.map((value) => ({ value, label: channelName(value) }))}
        value={search.channel}
        width={180}
        onChange={(channel) => onChange({ channel })}
      />
      <DatePicker.RangePicker
        className="filter dates"
        allowEmpty={[true, true]}
        aria-label={t('filter_reported')}
        placeholder={[t('filter_from'), t('filter_until')]}
        value={[search.from ? dayjs(search.from) : null, search.until ? dayjs(search.until) : null]}
        onChange={(_dates, texts) =>
          onChange({ from: texts?.[0] || undefined, until: texts?.[1] || undefined })
        }
      />
      <button
        type="button"
        className="tool"
        aria-pressed={search.urgency === 'urgent'}
        onClick={() => onChange({ urgency: search.urgency === 'urgent' ? undefined : 'urgent' })}
      >
        {t('filter_urgent')}
      </button>
      <button
        type="button"
        className="tool"
        disabled={narrowings(search) === 0 && !search.bbox}
        onClick={onClear}
      >
        {t('filter_clear')}
      </button>
    </search>
  )
}
