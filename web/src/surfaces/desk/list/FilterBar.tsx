/** The filters above the list. What is chosen goes into the address at once, words after a pause. */
import { DatePicker, Select, TreeSelect } from 'antd'
import dayjs from 'dayjs'
import { TextFilter } from '../TextFilter'
import type { Branch, Choices } from './choices'
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
  const several = (values: string[]) => (values.length ? values : undefined)
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
        value={search.area ?? []}
        onChange={(area) => onChange({ area: several(area) })}
      />
      <TreeFilter
        label={t('filter_matter')}
        branches={choices.matters}
        value={search.matter ?? []}
        onChange={(matter) => onChange({ matter: several(matter) })}
      />
      <Select
        mode="multiple"
        allowClear
        className="filter"
        aria-label={t('filter_department')}
        placeholder={t('filter_department')}
        options={choices.departments ?? []}
        loading={!choices.departments}
        optionFilterProp="label"
        maxTagCount="responsive"
        popupMatchSelectWidth={320}
        value={search.department ?? []}
        onChange={(department: string[]) => onChange({ department: several(department) })}
      />
      <Select
        mode="multiple"
        allowClear
        className="filter narrow"
        aria-label={t('filter_channel')}
        placeholder={t('filter_channel')}
        options={CHANNELS.map((value) => ({ value, label: channelName(value) }))}
        optionFilterProp="label"
        maxTagCount="responsive"
        popupMatchSelectWidth={180}
        value={search.channel ?? []}
        onChange={(channel: string[]) => onChange({ channel: several(channel) })}
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

interface TreeFilterProps {
  label: string
  branches: Branch[] | undefined
  value: string[]
  onChange: (values: string[]) => void
}

function TreeFilter({ label, branches, value, onChange }: TreeFilterProps) {
  return (
    <TreeSelect
      multiple
      allowClear
      treeCheckable
      showCheckedStrategy={TreeSelect.SHOW_PARENT}
      className="filter"
      aria-label={label}
      placeholder={label}
      treeData={branches ?? []}
      loading={!branches}
      treeNodeFilterProp="title"
      maxTagCount="responsive"
      popupMatchSelectWidth={300}
      value={branches ? value : []}
      onChange={(values: string[]) => onChange(values)}
    />
  )
}
