/** What the list is narrowed by; words after a pause, everything else at once. */
import { Select, TreeSelect } from 'antd'
import { useMemo } from 'react'
import { COMPONENT_STATES } from '../../../api/components'
import { named, useLanguage } from '../../../app/language'
import { type Branch, useAreas } from '../list/choices'
import { TextFilter } from '../TextFilter'
import type { ComponentSearch } from './search'
import { useClasses, useOrganisations } from './useComponent'
import { useT, word } from './words'

interface FiltersProps {
  search: ComponentSearch
  onChange: (change: Partial<ComponentSearch>) => void
  onClear: () => void
  clearable: boolean
}

export function Filters({ search, onChange, onClear, clearable }: FiltersProps) {
  const t = useT()
  const areas = useAreas()
  const classes = useClassTree()
  const organisations = useOrganisations()
  return (
    <search className="component-filters" aria-label={t('filters')}>
      <TextFilter
        value={search.text ?? ''}
        label={t('filter_text')}
        most={100}
        onChange={(text) => onChange({ text })}
      />
      <Tree
        label={t('f_class')}
        branches={classes}
        value={search.class}
        onChange={(value) => onChange({ class: value })}
      />
      <Tree
        label={t('f_areas')}
        branches={areas}
        value={search.area}
        onChange={(area) => onChange({ area })}
      />
      <Select
        allowClear
        aria-label={t('f_state')}
        placeholder={t('f_state')}
        options={COMPONENT_STATES.map((value) => ({ value, label: word('state', value) }))}
        value={search.state}
        onChange={(state?: string) => onChange({ state })}
      />
      <Select
        allowClear
        showSearch
        optionFilterProp="label"
        className="wide"
        aria-label={t('f_maintainer')}
        placeholder={t('f_maintainer')}
        popupMatchSelectWidth={320}
        loading={!organisations}
        options={organisations?.map((each) => ({ value: each.code, label: named(each) })) ?? []}
        value={organisations ? search.maintainer : undefined}
        onChange={(maintainer?: string) => onChange({ maintainer })}
      />
      <button type="button" className="tool" disabled={!clearable} onClick={onClear}>
        {t('filter_clear')}
      </button>
    </search>
  )
}

/** Large classes with their small ones. */
function useClassTree(): Branch[] | undefined {
  const spoken = useLanguage()
  const classes = useClasses()
  // biome-ignore lint/correctness/useExhaustiveDependencies: names are of the language spoken
  return useMemo(() => {
    if (!classes) return undefined
    const large = new Map<string, Branch>()
    for (const each of classes) {
      const title = named({ name_zh: each.class_zh, name_en: each.class_en })
      const branch = large.get(each.class_code) ?? { value: each.class_code, title, children: [] }
      branch.children?.push({ value: each.code, title: named(each) })
      large.set(each.class_code, branch)
    }
    return [...large.values()]
  }, [classes, spoken])
}

interface TreeProps {
  label: string
  branches: Branch[] | undefined
  value: string | undefined
  onChange: (value?: string) => void
}

function Tree({ label, branches, value, onChange }: TreeProps) {
  return (
    <TreeSelect
      allowClear
      showSearch
      aria-label={label}
      placeholder={label}
      treeData={branches ?? []}
      loading={!branches}
      treeNodeFilterProp="title"
      popupMatchSelectWidth={300}
      value={branches ? value : undefined}
      onChange={(chosen?: string) => onChange(chosen)}
    />
  )
}
