/** What narrows cases by choosing several of a list or of a tree: for the lists and evaluation. */
import { Select, TreeSelect } from 'antd'
import type { Branch } from './choices'

interface FilterProps {
  label: string
  value: string[] | undefined
  /** Nothing chosen is no filter. */
  onChange: (values?: string[]) => void
}

interface ListFilterProps extends FilterProps {
  /** Undefined while they are read. */
  options: { value: string; label: string }[] | undefined
  className?: string
  /** Of the open list, in pixels; else as wide as the field. */
  width?: number
}

export function ListFilter(props: ListFilterProps) {
  const { label, value, options, className = 'filter', width, onChange } = props
  return (
    <Select
      mode="multiple"
      allowClear
      className={className}
      aria-label={label}
      placeholder={label}
      options={options ?? []}
      loading={!options}
      optionFilterProp="label"
      maxTagCount="responsive"
      popupMatchSelectWidth={width}
      value={value ?? []}
      onChange={(values: string[]) => onChange(values.length ? values : undefined)}
    />
  )
}

interface TreeFilterProps extends FilterProps {
  /** Undefined while they are read. */
  branches: Branch[] | undefined
}

export function TreeFilter({ label, branches, value, onChange }: TreeFilterProps) {
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
      value={branches ? (value ?? []) : []}
      onChange={(values: string[]) => onChange(values.length ? values : undefined)}
    />
  )
}
