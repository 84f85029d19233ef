/** Anonymous, or with a way to ask back; what it is for stands beside it. */
import { city } from '../../../app/city'
import { Chips } from '../../../ui/Chips'
import { change, useDraft } from '../draft'
import { useT } from '../words'

export function ContactField({ problem }: { problem: string | undefined }) {
  const t = useT()
  const { anonymous, name, phone } = useDraft()
  const days = city().contactDays
  return (
    <div className="stack">
      <Chips
        legend={t('contact')}
        name="contact"
        choices={[
          { value: 'none', label: t('contact_none') },
          { value: 'give', label: t('contact_give') },
        ]}
        value={anonymous ? 'none' : 'give'}
        onChange={(value) => change({ anonymous: value === 'none' })}
      />
      {anonymous ? (
        <p className="soft">{t('contact_anonymous')}</p>
      ) : (
        <>
          <p className="soft" id="contact-why">
            {days ? t('contact_why', { days }) : t('contact_why_plain')}
          </p>
          <div className="pair">
            <div className="field">
              <label className="label" htmlFor="report-name">
                {t('contact_name')}
              </label>
              <input
                id="report-name"
                className="input"
                value={name}
                maxLength={80}
                autoComplete="name"
                onChange={(event) => change({ name: event.target.value })}
              />
            </div>
            <div className="field">
              <label className="label" htmlFor="report-phone">
                {t('contact_phone')}
              </label>
              <input
                id="report-phone"
                className="input num"
                type="tel"
                inputMode="tel"
                value={phone}
                maxLength={30}
                autoComplete="tel"
                aria-invalid={problem ? true : undefined}
                aria-describedby={problem ? 'report-phone-problem contact-why' : 'contact-why'}
                onChange={(event) => change({ phone: event.target.value })}
              />
            </div>
          </div>
          {problem && (
            <p id="report-phone-problem" className="problem" role="alert">
              {problem}
            </p>
          )}
        </>
      )}
    </div>
  )
}
