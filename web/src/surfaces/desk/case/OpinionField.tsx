/** What the person says, with what they often say one click away. */
import { Input } from 'antd'
import { useT } from './words'

interface OpinionFieldProps {
  id: string
  value: string
  onChange: (value: string) => void
  needed: boolean
  invalid: boolean
  phrases: readonly string[]
}

export function OpinionField({ id, value, onChange, needed, invalid, phrases }: OpinionFieldProps) {
  const t = useT()
  return (
    <div className="case-field" data-field="opinion">
      <label htmlFor={id}>
        {t('i_opinion')}
        {needed && ' *'}
      </label>
      <Input.TextArea
        id={id}
        autoSize={{ minRows: 2, maxRows: 10 }}
        maxLength={4000}
        value={value}
        status={invalid ? 'error' : undefined}
        aria-invalid={invalid}
        aria-required={needed}
        onChange={(event) => onChange(event.target.value)}
      />
      {phrases.length > 0 && (
        <ul className="case-phrases" aria-label={t('i_phrases')}>
          {phrases.map((phrase) => (
            <li key={phrase}>
              <button
                type="button"
                title={phrase}
                onClick={() => onChange(value.trim() ? `${value.trim()} ${phrase}` : phrase)}
              >
                {phrase}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
