/** The inputs of a form, by the names that the server gives its fields. */
import { Checkbox, Input, Radio, Select } from 'antd'
import { type ReactNode, useEffect, useId } from 'react'
import { pick } from '../../../app/language'
import { Attachments } from './Attachments'
import { DepartmentField } from './DepartmentField'
import type { Values } from './form'
import { MatterSelect } from './MatterSelect'
import { OpinionField } from './OpinionField'
import { PlaceField } from './PlaceField'
import { StandardField } from './StandardField'
import type { CaseDetail, Operation } from './shape'
import { useChoices, useSuggestions } from './useCase'
import { VisitFields } from './VisitFields'
import { useT, word } from './words'

interface FormFieldsProps {
  operation: Operation
  detail: CaseDetail
  values: Values
  onChange: (change: Partial<Values>) => void
  missing: readonly (keyof Values)[]
  /** The field that the server refused. */
  refused: string
  phrases: readonly string[]
}

const RESULTS = ['exists', 'not_exists', 'cannot']
const KINDS = ['important', 'timeout', 'leader']
/** Fields whose choices come with the case. */
const CHOSEN = ['standard_id', 'department_id', 'department_ids', 'handler_id', 'collector_id']

export function FormFields(props: FormFieldsProps) {
  const { operation, detail, values, onChange, missing, refused, phrases } = props
  const t = useT()
  const own = useId()
  const has = (name: string) => operation.form.includes(name)
  const chooses = CHOSEN.some(has)
  const { data: choices, error } = useChoices(detail.id, detail.version, chooses)
  const hinted = has('matter_id') || has('department_id') || has('main_id')
  const { data: hints } = useSuggestions(detail.id, hinted)
  const wrong = (name: keyof Values) => missing.includes(name) || refused === name
  const needed = (name: string) => operation.needs.includes(name)
  const id = (name: string) => `${own}-${name}`

  const only = choices?.standards.length === 1 ? choices.standards[0]?.id : undefined
  const responsible = choices?.responsible?.id
  // One standard, or the department of the table: chosen already, and seen before it is sent.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the choices have come
  useEffect(() => {
    if (has('standard_id') && values.standard_id === null && only) onChange({ standard_id: only })
  }, [only])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => {
    const first = operation.operation === 'dispatch' && values.department_id === null
    if (first && responsible) onChange({ department_id: responsible })
  }, [responsible])

  return (
    <div className="case-fields">
      {error && <p className="case-problem">{t('form_no_choices')}</p>}
      {has('matter_id') && (
        <Field name="matter_id" label={t('i_matter')} id={id('matter')} needed={needed('matter')}>
          <MatterSelect
            id={id('matter')}
            value={values.matter_id}
            onChange={(matter_id) => onChange({ matter_id })}
            hints={hints?.matters ?? []}
            invalid={wrong('matter_id')}
          />
        </Field>
      )}
      {has('standard_id') && (
        <StandardField
          standards={choices?.standards}
          value={values.standard_id}
          onChange={(standard_id) => onChange({ standard_id })}
          invalid={wrong('standard_id')}
        />
      )}
      {has('missed_by_patrol') && (
        <Checkbox
          checked={values.missed_by_patrol}
          onChange={(event) => onChange({ missed_by_patrol: event.target.checked })}
        >
          {t('i_missed')}
        </Checkbox>
      )}
      {(has('department_id') || has('department_ids')) && (
        <Field
          name={has('department_id') ? 'department_id' : 'department_ids'}
          label={has('department_id') ? t('i_department') : t('i_departments')}
          id={id('department')}
          needed
        >
          <DepartmentField
            id={id('department')}
            many={has('department_ids')}
            choices={choices}
            hints={hints?.departments ?? []}
            current={detail.department?.id ?? null}
            values={values}
            onChange={onChange}
            invalid={wrong('department_id') || wrong('department_ids')}
          />
        </Field>
      )}
      {(has('handler_id') || has('collector_id')) && (
        <Field
          name={has('handler_id') ? 'handler_id' : 'collector_id'}
          label={has('handler_id') ? t('i_handler') : t('i_collector')}
          id={id('person')}
          needed={has('handler_id')}
          hint={has('handler_id') ? undefined : t('i_collector_hint')}
        >
          <Select
            id={id('person')}
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            status={wrong('handler_id') || wrong('collector_id') ? 'error' : undefined}
            placeholder={has('handler_id') ? t('i_choose') : t('i_collector_auto')}
            notFoundContent={t('i_nobody')}
            value={has('handler_id') ? values.handler_id : values.collector_id}
            options={(has('handler_id') ? choices?.handlers : choices?.collectors)?.map((one) => ({
              value: one.id,
              label: one.name,
            }))}
            onChange={(chosen: number | undefined) =>
              onChange(
                has('handler_id')
                  ? { handler_id: chosen ?? null }
                  : { collector_id: chosen ?? null },
              )
            }
          />
        </Field>
      )}
      {has('main_id') && (
        <Field name="main_id" label={t('i_main')} id={id('main')} needed hint={t('i_main_hint')}>
          <Select
            id={id('main')}
            allowClear
            status={wrong('main_id') ? 'error' : undefined}
            placeholder={t('i_main_choose')}
            notFoundContent={t('dup_none')}
            value={values.main_id}
            options={mains(hints?.duplicates ?? [], values.main_id)}
            onChange={(chosen: number | undefined) => onChange({ main_id: chosen ?? null })}
          />
        </Field>
      )}
      {has('result') && (
        <fieldset data-field="result" className={wrong('result') ? 'is-wrong' : undefined}>
          <legend>{t('i_result')} *</legend>
          <Radio.Group
            value={values.result}
            onChange={(event) => onChange({ result: String(event.target.value) })}
            options={RESULTS.map((value) => ({ value, label: word('result', value) }))}
          />
        </fieldset>
      )}
      {has('until') && (
        <Field name="until" label={t('i_until')} id={id('until')} needed>
          <input
            id={id('until')}
            type="date"
            className="case-date"
            value={values.until}
            aria-invalid={wrong('until')}
            onChange={(event) => onChange({ until: event.target.value })}
          />
        </Field>
      )}
      {has('kind') && (
        <>
          <fieldset data-field="kind">
            <legend>{t('i_kind')}</legend>
            <Radio.Group
              value={values.kind}
              onChange={(event) => onChange({ kind: String(event.target.value) })}
              options={KINDS.map((value) => ({ value, label: word('kind', value) }))}
            />
          </fieldset>
          <fieldset data-field="level">
            <legend>{t('i_level')}</legend>
            <Radio.Group
              value={values.level}
              onChange={(event) => onChange({ level: Number(event.target.value) })}
              options={[1, 2, 3].map((level) => ({
                value: level,
                label: t('d_level', { level }),
              }))}
            />
          </fieldset>
          <Checkbox
            checked={values.reply_required}
            onChange={(event) => onChange({ reply_required: event.target.checked })}
          >
            {t('i_reply')}
          </Checkbox>
        </>
      )}
      {has('report_number') && (
        <VisitFields detail={detail} values={values} onChange={onChange} missing={missing} />
      )}
      {has('closing_met') && (
        <div data-field="closing_met">
          {detail.standard && (
            <p className="soft">
              {t('f_closing')}: {pick(detail.standard.closing_zh, detail.standard.closing_en)}
            </p>
          )}
          <Checkbox
            checked={values.closing_met}
            onChange={(event) => onChange({ closing_met: event.target.checked })}
          >
            {t('i_closing_met')}
          </Checkbox>
        </div>
      )}
      {has('lon') && (
        <PlaceField
          address={values.address}
          place={values.lon === null || values.lat === null ? null : [values.lon, values.lat]}
          onAddress={(address) => onChange({ address })}
          onPlace={([lon, lat]) => onChange({ lon, lat })}
        />
      )}
      {has('description') && (
        <Field name="description" label={t('f_description')} id={id('description')}>
          <Input.TextArea
            id={id('description')}
            autoSize={{ minRows: 2, maxRows: 8 }}
            maxLength={4000}
            value={values.description}
            onChange={(event) => onChange({ description: event.target.value })}
          />
        </Field>
      )}
      {has('urgency') && (
        <fieldset data-field="urgency">
          <legend>{t('i_urgency')}</legend>
          <Radio.Group
            value={values.urgency}
            onChange={(event) => onChange({ urgency: String(event.target.value) })}
            options={['normal', 'urgent'].map((value) => ({
              value,
              label: word('urgency', value),
            }))}
          />
        </fieldset>
      )}
      {has('public') && (
        <Checkbox
          checked={values.public}
          onChange={(event) => onChange({ public: event.target.checked })}
        >
          {t('i_public')}
        </Checkbox>
      )}
      {has('opinion') && (
        <OpinionField
          id={id('opinion')}
          value={values.opinion}
          onChange={(opinion) => onChange({ opinion })}
          needed={needed('opinion')}
          invalid={wrong('opinion')}
          phrases={phrases}
        />
      )}
      {has('public_note') && (
        <Field
          name="public_note"
          label={t('i_public_note')}
          id={id('public_note')}
          hint={t('i_public_note_hint')}
        >
          <Input.TextArea
            id={id('public_note')}
            autoSize={{ minRows: 2, maxRows: 6 }}
            maxLength={4000}
            value={values.public_note}
            onChange={(event) => onChange({ public_note: event.target.value })}
          />
        </Field>
      )}
      {has('attachments') && (
        <Attachments
          label={t('i_photos')}
          purpose="case"
          value={values.attachments}
          onChange={(attachments) => onChange({ attachments })}
        />
      )}
    </div>
  )
}

function mains(
  found: readonly { case_id: number; number: string | null; excerpt: string }[],
  chosen: number | null,
) {
  const options = found.map((each) => ({
    value: each.case_id,
    label: `${each.number ?? `#${each.case_id}`} ${each.excerpt}`,
  }))
  // Chosen before the suggestions came, or from outside of them.
  if (chosen !== null && !options.some((each) => each.value === chosen)) {
    options.unshift({ value: chosen, label: `#${chosen}` })
  }
  return options
}

interface FieldProps {
  name: string
  label: string
  id: string
  needed?: boolean
  hint?: string
  children: ReactNode
}

export function Field({ name, label, id, needed, hint, children }: FieldProps) {
  return (
    <div className="case-field" data-field={name}>
      <label htmlFor={id}>
        {label}
        {needed && ' *'}
      </label>
      {children}
      {hint && <p className="soft">{hint}</p>}
    </div>
  )
}
