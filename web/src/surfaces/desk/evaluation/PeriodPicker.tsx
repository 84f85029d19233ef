/** Which period: its length, its year, which one of that year; and one step back or on. */
import { today } from '../../../app/days'
import { useKeys } from '../keys'
import { periodName, spanName } from './names'
import {
  following,
  type Period,
  parsePeriod,
  periodOf,
  periodsIn,
  previous,
  SPANS,
  type Span,
  yearOf,
} from './period'
import { useT } from './words'

/** Years before this one that are offered; an older one may be written into the address. */
const YEARS = 8

interface PeriodPickerProps {
  period: Period
  onChange: (period: Period) => void
  spans?: readonly Span[]
}

export function PeriodPicker({ period, onChange, spans = SPANS }: PeriodPickerProps) {
  const t = useT()
  const now = today()
  const year = yearOf(period)
  const last = Math.max(Number(now.slice(0, 4)), year)
  const first = Math.min(last - YEARS, year)
  const years = Array.from({ length: last - first + 1 }, (_, index) => last - index)
  const next = following(period)
  const isLast = next.first > now
  const back = () => onChange(previous(period))
  const on = () => onChange(next)
  useKeys({ period_back: back, ...(isLast ? {} : { period_on: on }) })

  function toSpan(span: Span) {
    // The one that has today, if the period has it; else its first.
    const day = period.first <= now && now < period.after ? now : period.first
    onChange(periodOf(span, day))
  }
  function toYear(wanted: number) {
    const rest = period.code.slice(4)
    onChange(parsePeriod(`${wanted}${rest}`) ?? periodOf(period.span, `${wanted}-02-28`))
  }
  return (
    <fieldset className="ev-period">
      <legend className="only-read">{t('period')}</legend>
      <select
        aria-label={t('span')}
        value={period.span}
        onChange={(event) => {
          const span = SPANS.find((each) => each === event.target.value)
          if (span) toSpan(span)
        }}
      >
        {spans.map((span) => (
          <option key={span} value={span}>
            {spanName(span)}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="tool"
        aria-label={t('period_before')}
        aria-keyshortcuts="["
        title={t('period_before')}
        onClick={back}
      >
        ‹
      </button>
      {period.span === 'day' ? (
        <input
          type="date"
          aria-label={t('span_day')}
          value={period.first}
          max={now}
          required
          onChange={(event) => {
            const wanted = parsePeriod(event.target.value)
            if (wanted) onChange(wanted)
          }}
        />
      ) : (
        <>
          {period.span !== 'year' && (
            <select
              aria-label={t('year')}
              className="num"
              value={year}
              onChange={(event) => toYear(Number(event.target.value))}
            >
              {years.map((each) => (
                <option key={each} value={each}>
                  {t('name_year', { year: String(each) })}
                </option>
              ))}
            </select>
          )}
          <select
            aria-label={t('period')}
            value={period.code}
            onChange={(event) => {
              const wanted = parsePeriod(event.target.value)
              if (wanted) onChange(wanted)
            }}
          >
            {(period.span === 'year'
              ? years.map((each) => periodOf('year', `${each}-01-01`))
              : periodsIn(period.span, year)
            ).map((each) => (
              <option key={each.code} value={each.code} disabled={each.first > now}>
                {periodName(each)}
              </option>
            ))}
          </select>
        </>
      )}
      <button
        type="button"
        className="tool"
        aria-label={t('period_after')}
        aria-keyshortcuts="]"
        title={t('period_after')}
        disabled={isLast}
        onClick={on}
      >
        ›
      </button>
    </fieldset>
  )
}
