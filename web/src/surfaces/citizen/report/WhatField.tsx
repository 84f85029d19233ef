/** What happened, in the person's own words. */
import { change, useDraft } from '../draft'
import { useT } from '../words'

/** As many characters as the server takes. */
export const TEXT_LIMIT = 4000
/** From here on the page tells how many are left. */
const NEARLY = 200

export function WhatField({ problem }: { problem: string | undefined }) {
  const t = useT()
  const { text } = useDraft()
  const left = TEXT_LIMIT - text.length
  return (
    <div className="field">
      <label className="label" htmlFor="report-text">
        {t('what')}
      </label>
      <textarea
        id="report-text"
        rows={4}
        value={text}
        maxLength={TEXT_LIMIT}
        placeholder={t('what_placeholder')}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? 'report-text-problem' : undefined}
        onChange={(event) => change({ text: event.target.value })}
      />
      {left <= NEARLY && <p className="soft num">{t('what_left', { count: left })}</p>}
      {problem && (
        <p id="report-text-problem" className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
