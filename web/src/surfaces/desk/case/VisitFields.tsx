/** What a reporter said when asked after closing. */
import { Radio, Select } from 'antd'
import { useId } from 'react'
import type { Values } from './form'
import type { CaseDetail } from './shape'
import { useT, word } from './words'

interface VisitFieldsProps {
  detail: CaseDetail
  values: Values
  onChange: (change: Partial<Values>) => void
  missing: readonly (keyof Values)[]
}

const ASKED = ['answered', 'solved', 'satisfied'] as const

export function VisitFields({ detail, values, onChange, missing }: VisitFieldsProps) {
  const t = useT()
  const id = useId()
  return (
    <>
      <div className="case-field" data-field="report_number">
        <label htmlFor={id}>{t('i_report')} *</label>
        <Select
          id={id}
          value={values.report_number || undefined}
          status={missing.includes('report_number') ? 'error' : undefined}
          options={detail.reports.map((report) => ({
            value: report.number,
            label: [report.number, report.contact?.name, report.contact?.phone]
              .filter(Boolean)
              .join(' · '),
          }))}
          onChange={(report_number: string) => onChange({ report_number })}
        />
      </div>
      <fieldset data-field="reached">
        <legend>{t('i_reached')}</legend>
        <Radio.Group
          value={values.reached}
          onChange={(event) => onChange({ reached: event.target.value === true })}
          options={[
            { value: true, label: t('i_yes_reached') },
            { value: false, label: t('rate_not_reached') },
          ]}
        />
      </fieldset>
      {values.reached &&
        ASKED.map((name) => (
          <fieldset
            key={name}
            data-field={name}
            className={missing.includes(name) ? 'is-wrong' : undefined}
          >
            <legend>{word('i', name)} *</legend>
            <Radio.Group
              value={values[name]}
              onChange={(event) => onChange({ [name]: event.target.value === true })}
              options={[
                { value: true, label: word('rate', name) },
                { value: false, label: word('rate', `not_${name}`) },
              ]}
            />
          </fieldset>
        ))}
    </>
  )
}
