/** Is today a usual day: one sentence, four figures, the day's curve, classes, districts. */
import type { Hour, Overview } from '../../api/overview'
import { said } from '../../api/problem'
import { named, useLanguage } from '../../app/language'
import { against, change, points, share, whole } from '../../app/numbers'
import { clockParts } from '../../app/time'
import { BarList, withRest } from '../../ui/chart/BarList'
import { Chart } from '../../ui/chart/Chart'
import { follow } from '../../ui/path'
import { COUNTED, casesAt } from './caseQuery'
import { Figure } from './Figure'
import type { Known } from './kept'
import { outside, verdict } from './norm'
import { useT } from './words'

export function Today({ overview }: { overview: Known<Overview> }) {
  const t = useT()
  const { data, error, again } = overview
  if (!data) {
    return error ? (
      <div className="empty">
        <p role="alert">{said(error)}</p>
        <button type="button" className="button" onClick={again}>
          {t('try_again')}
        </button>
      </div>
    ) : (
      <p className="empty" role="status">
        {t('loading')}
      </p>
    )
  }
  return (
    <>
      <Sentence data={data} />
      <Figures data={data} />
      <section className="card">
        <h2>{t('day_curve')}</h2>
        <DayCurve hours={data.hours} />
      </section>
      <Classes data={data} />
      <Districts data={data} />
    </>
  )
}

function Sentence({ data }: { data: Overview }) {
  const t = useT()
  const { hour, minute } = clockParts(data.at)
  const { kind, expected, deviation } = verdict(data.hours, data.today.received, Number(minute))
  const values = {
    time: `${hour}:${minute}`,
    count: data.today.received,
    expected: Math.round(expected ?? 0),
    change: deviation === null ? '' : change(Math.abs(deviation)),
  }
  return (
    <p className={`leader-verdict ${kind}`}>
      <strong>{t(`verdict_${kind}`)}</strong>
      <span>{t(kind === 'unknown' ? 'verdict_no_norm' : 'verdict_words', values)}</span>
    </p>
  )
}

function Figures({ data }: { data: Overview }) {
  const t = useT()
  const { today, open, week } = data
  const { change: more, few } = against(today.received, today.received_yesterday_by_now)
  const rate = week.on_time_rate
  const last = week.previous_on_time_rate
  return (
    <section className="figures" aria-label={t('figures')}>
      <Figure
        name={t('received')}
        value={whole(today.received)}
        note={t(few ? 'than_few_yesterday' : 'than_yesterday', { change: more })}
        href={COUNTED.received()}
      />
      <Figure
        name={t('open')}
        value={whole(open.total)}
        note={t('suspended', { count: open.suspended })}
        href={COUNTED.open()}
      />
      <Figure
        name={t('on_time')}
        value={share(rate)}
        says={t('on_time_says')}
        note={
          rate !== null && last !== null
            ? t('closed_than_before', { count: week.closed, points: points(rate - last) })
            : t('closed_in_week', { count: week.closed })
        }
        tone={rate !== null && last !== null ? (rate < last ? 'bad' : 'good') : undefined}
        href={COUNTED.closedWeek()}
      />
      <Figure
        name={t('overdue')}
        value={whole(open.overdue)}
        note={
          open.total > 0 ? t('of_open', { share: share(open.overdue / open.total) }) : undefined
        }
        tone={open.overdue > 0 ? 'bad' : undefined}
        href={COUNTED.overdue()}
      />
      <p className="figures-more soft">
        {t('filed_today', { count: today.filed })}
        {' · '}
        <a href={COUNTED.closedToday()} onClick={follow}>
          {t('closed_today', { count: today.closed })}
        </a>
      </p>
    </section>
  )
}

export function DayCurve({ hours }: { hours: readonly Hour[] }) {
  const t = useT()
  const normal = hours.some((hour) => hour.norm !== null)
  return (
    <Chart
      className="leader-curve"
      label={t('day_curve')}
      heading={t('hour')}
      categories={hours.map((hour) => String(hour.hour).padStart(2, '0'))}
      every={6}
      legend
      series={[
        { name: t('today'), values: hours.map((hour) => hour.today), tone: 'accent' },
        ...(normal
          ? [
              {
                name: t('norm'),
                values: hours.map((hour) => hour.norm),
                kind: 'line' as const,
                dashed: true,
                smooth: true,
                tone: 'quiet' as const,
              },
            ]
          : []),
      ]}
    />
  )
}

function Classes({ data }: { data: Overview }) {
  const t = useT()
  useLanguage()
  return (
    <section className="card">
      <h2>{t('classes_today')}</h2>
      {data.today.received === 0 ? (
        <p>{t('none_today')}</p>
      ) : (
        <BarList
          label={t('classes_today')}
          onFollow={follow}
          rows={withRest(
            data.classes.map((row) => ({
              key: row.code,
              name: named(row),
              value: row.count,
              text: whole(row.count),
              href: `${COUNTED.received()}&matter=${encodeURIComponent(row.code)}`,
            })),
            data.today.received,
            t('other_classes'),
          )}
        />
      )}
    </section>
  )
}

function Districts({ data }: { data: Overview }) {
  const t = useT()
  return (
    <section className="card">
      <h2>{t('districts')}</h2>
      {data.districts.length === 0 && <p>{t('no_district')}</p>}
      <ul className="leader-rows">
        {data.districts.map((row) => (
          <li key={row.code}>
            <a href={casesAt({ open: 'true', area: row.code })} onClick={follow}>
              <strong>{named(row)}</strong>
              <span className="num">{t('district_open', { count: row.open })}</span>
              <span className="soft num">
                {t('district_today', { count: row.received_today })}
                {' · '}
                {t('district_rate', { share: share(row.on_time_rate), count: row.closed_week })}
              </span>
              <span className={`num${row.overdue > 0 ? ' phase phase-over' : ' soft'}`}>
                {t('district_overdue', { count: row.overdue })}
              </span>
            </a>
          </li>
        ))}
        <Elsewhere data={data} />
      </ul>
    </section>
  )
}

/** What lies in no district of the list, so that the districts sum to the city. */
function Elsewhere({ data }: { data: Overview }) {
  const t = useT()
  const rest = outside(data)
  if (rest.open === 0 && rest.received === 0) return null
  return (
    <li>
      <div className="leader-row">
        <strong>{t('no_district_yet')}</strong>
        <span className="num">{t('district_open', { count: rest.open })}</span>
        <span className="soft num">{t('district_today', { count: rest.received })}</span>
        <span className={`num${rest.overdue > 0 ? ' phase phase-over' : ' soft'}`}>
          {t('district_overdue', { count: rest.overdue })}
        </span>
      </div>
    </li>
  )
}
