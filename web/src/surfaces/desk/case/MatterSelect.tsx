/** A matter by its name, class, code or another name for it; suggestions with their reasons. */
import { Select } from 'antd'
import { useMemo } from 'react'
import { pick } from '../../../app/language'
import type { MatterHint } from './shape'
import { useMatters } from './useCase'
import { useT } from './words'

interface MatterSelectProps {
  id: string
  value: number | null
  onChange: (id: number | null) => void
  hints: readonly MatterHint[]
  invalid?: boolean
}

export function MatterSelect({ id, value, onChange, hints, invalid }: MatterSelectProps) {
  const t = useT()
  const { data: matters, isLoading } = useMatters()
  const options = useMemo(() => {
    const groups = new Map<string, { value: number; label: string; find: string }[]>()
    for (const matter of matters ?? []) {
      const group = pick(matter.class_zh, matter.class_en)
      const label = pick(matter.name_zh, matter.name_en)
      const { code, name_zh, name_en, class_zh, aliases } = matter
      const find = [code, name_zh, name_en, class_zh, ...aliases].join(' ').toLowerCase()
      groups.set(group, [...(groups.get(group) ?? []), { value: matter.id, label, find }])
    }
    return [...groups].map(([label, list]) => ({ label, title: label, options: list }))
  }, [matters])
  // What was suggested but is nearly certainly not meant only hides what is.
  const likely = hints.filter((hint) => hint.confidence >= 0.02).slice(0, 3)
  return (
    <>
      <Select
        id={id}
        value={value}
        options={options}
        loading={isLoading}
        status={invalid ? 'error' : undefined}
        allowClear
        placeholder={t('m_find')}
        showSearch={{
          filterOption: (typed, option) =>
            !!option &&
            'find' in option &&
            typed
              .toLowerCase()
              .split(/\s+/)
              .every((part) => String(option.find).includes(part)),
        }}
        onChange={(chosen: number | undefined) => onChange(chosen ?? null)}
      />
      {likely.length > 0 && (
        <ul className="case-hints" aria-label={t('m_hints')}>
          {likely.map((hint) => (
            <li key={hint.matter_id}>
              <button
                type="button"
                aria-pressed={hint.matter_id === value}
                onClick={() => onChange(hint.matter_id)}
              >
                {pick(hint.name_zh, hint.name_en)}
              </button>
              <span className="soft">
                {pick(hint.class_zh, hint.class_en)} · {pick(hint.reason_zh, hint.reason_en)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
