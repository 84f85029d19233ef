/** The rows of the standard that a case may be filed under: condition, limit, when it may close. */
import { useId } from 'react'
import { pick } from '../../../app/language'
import { limitOf } from './Facts'
import type { Standard } from './shape'
import { useT } from './words'

interface StandardFieldProps {
  /** Undefined while they are read. */
  standards: readonly Standard[] | undefined
  value: number | null
  onChange: (id: number) => void
  invalid: boolean
}

export function StandardField({ standards, value, onChange, invalid }: StandardFieldProps) {
  const t = useT()
  const name = useId()
  return (
    <fieldset data-field="standard_id" className={invalid ? 'is-wrong' : undefined}>
      <legend>{t('i_standard')} *</legend>
      {!standards && <p className="soft">{t('i_reading')}</p>}
      {standards?.length === 0 && <p className="case-problem">{t('i_standard_none')}</p>}
      <div className="case-standards">
        {standards?.map((standard) => (
          <label key={standard.id}>
            <input
              type="radio"
              name={name}
              checked={standard.id === value}
              onChange={() => onChange(standard.id)}
            />
            <span>
              <strong>{pick(standard.condition_zh, standard.condition_en)}</strong>
              <span className="soft">
                {t('f_limit')} <b className="num">{limitOf(standard)}</b> · {t('f_closing')}{' '}
                {pick(standard.closing_zh, standard.closing_en)}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
