/** The department to send to: the one in charge first, then the suggested ones with the reason. */
import { Select } from 'antd'
import { named, pick } from '../../../app/language'
import type { Values } from './form'
import type { Choices, DepartmentHint } from './shape'
import { useT } from './words'

interface DepartmentFieldProps {
  id: string
  many: boolean
  choices: Choices | undefined
  hints: readonly DepartmentHint[]
  /** The department that has the case: nobody sends it there again. */
  current: number | null
  values: Values
  onChange: (change: Partial<Values>) => void
  invalid: boolean
}

export function DepartmentField(props: DepartmentFieldProps) {
  const { id, many, choices, hints, current, values, onChange, invalid } = props
  const t = useT()
  const responsible = choices?.responsible?.id
  const all = (choices?.departments ?? []).filter((each) => each.id !== current)
  const options = [...all]
    .sort((a, b) => Number(b.id === responsible) - Number(a.id === responsible))
    .map((each) => ({
      value: each.id,
      label:
        each.id === responsible ? `${named(each)} · ${t('i_responsible')}` : named(each, each.code),
      find: `${each.code} ${each.name_zh} ${each.name_en}`.toLowerCase(),
    }))
  const shared = {
    id,
    options,
    loading: !choices,
    status: invalid ? ('error' as const) : undefined,
    allowClear: true,
    placeholder: t('i_department_find'),
    showSearch: {
      filterOption: (typed: string, option?: { find: string }) =>
        !!option?.find.includes(typed.toLowerCase()),
    },
  }
  const chosen = many ? values.department_ids : [values.department_id]
  const take = (hint: DepartmentHint) =>
    onChange(
      many
        ? { department_ids: [...new Set([...values.department_ids, hint.organisation_id])] }
        : { department_id: hint.organisation_id },
    )
  const offered = hints.filter((hint) => hint.organisation_id !== current).slice(0, 3)
  return (
    <>
      {many ? (
        <Select
          {...shared}
          mode="multiple"
          value={values.department_ids}
          onChange={(department_ids: number[]) => onChange({ department_ids })}
        />
      ) : (
        <Select
          {...shared}
          value={values.department_id}
          onChange={(department_id: number | undefined) =>
            onChange({ department_id: department_id ?? null })
          }
        />
      )}
      {offered.length > 0 && (
        <ul className="case-hints" aria-label={t('i_department_hints')}>
          {offered.map((hint) => (
            <li key={hint.organisation_id}>
              <button
                type="button"
                aria-pressed={chosen.includes(hint.organisation_id)}
                onClick={() => take(hint)}
              >
                {named(hint, hint.code)}
              </button>
              <span className="soft">{pick(hint.reason_zh, hint.reason_en)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
