/** The panels around the map. */
import type { ReactNode } from 'react'
import type { Overview } from '../../api/overview'
import { named } from '../../app/language'
import { against, points, share, whole } from '../../app/numbers'
import { phaseName, phaseOf, stateName } from '../../app/phase'
import { PHASES } from '../../app/theme'
import { clockTime, duration, useNow } from '../../app/time'
import { BarList, withRest } from '../../ui/chart/BarList'
import { Chart } from '../../ui/chart/Chart'
import type { Happening } from './newest'
import { type Change, MINUTES } from './tally'
import { useT } from './words'

interface PanelProps {
  title: string
  aside?: ReactNode
  className?: string
  /** What its numbers are, for a name that several could bear. */
  says?: string
  children: ReactNode
}

export function Panel({ title, aside, className = '', says, children }: PanelProps) {
  return (
    <section className={`panel ${className}`} title={says}>
      <h2>
        <span>{title}</span>
        {aside && <small>{aside}</small>}
      </h2>
      <div className="body">{children}</div>
    </section>
  )
}

export function Figures({ data, change }: { data: Overview; change: Change }) {
  const t = useT()
  const { today, open, week } = data
  const received = today.received + change.received
  const { change: more, few } = against(received, today.received_yesterday_by_now)
  const rate = week.on_time_rate
  const last = week.previous_on_time_rate
  return (
    <section className="kpis" aria-label={t('figures')}>
      <div className="kpi">
        <span>{t('received')}</span>
        <strong className="num">{whole(received)}</strong>
        <em className="num">
          {t(few ? 'than_few_yesterday' : 'than_yesterday', { change: more })}
        </em>
      </div>
      <div className="kpi">
        <span>{t('open')}</span>
        <strong className="num">{whole(Math.max(0, open.total + change.open))}</strong>
        <em className="num">{t('suspended', { count: open.suspended })}</em>
      </div>
      <div
        title={t('on_time_says')}
        className={`kpi${rate !== null && last !== null && rate >= last ? ' good' : ''}`}
      >
        <span>{t('on_time')}</span>
        <strong className="num">{share(rate)}</strong>
        <em className="num">
          {rate !== null && last !== null
            ? t('closed_than_before', { count: week.closed, points: points(rate - last) })
            : t('closed_in_week', { count: week.closed })}
        </em>
      </div>
      <div className={`kpi${open.overdue > 0 ? ' bad' : ''}`}>
        <span>{t('overdue')}</span>
        <strong className="num">{whole(open.overdue)}</strong>
        <em className="num">
          {open.total > 0 ? t('of_open', { share: share(open.overdue / open.total) }) : ''}
        </em>
      </div>
    </section>
  )
}

export function IntakePanel({ intake }: { intake: readonly (number | null)[] }) {
  const t = useT()
  // Names of minutes move on with the minute, not with every event.
  const minute = Math.floor(useNow(5) / 60_000)
  const names = Array.from({ length: MINUTES }, (_, index) =>
    clockTime((minute - MINUTES + 1 + index) * 60_000),
  )
  return (
    <Panel title={t('intake')} aside={t('per_minute')} className="intake">
      <Chart
        className="fill"
        label={t('intake')}
        heading={t('minute')}
        theme="dark"
        categories={names}
        every={15}
        series={[{ name: t('cases'), values: intake, kind: 'line', area: true, tone: 'accent' }]}
      />
    </Panel>
  )
}

export function ClassesPanel({ data, change }: { data: Overview; change: Change }) {
  const t = useT()
  const received = data.today.received + change.received
  return (
    <Panel title={t('classes')} aside={t('today')} className="classes">
      {received === 0 && <p className="quiet">{t('none_today')}</p>}
      <BarList
        label={t('classes')}
        rows={withRest(
          data.classes.slice(0, 7).map((row) => ({
            key: row.code,
            name: named(row),
            value: row.count,
            text: whole(row.count),
          })),
          received,
          t('other_classes'),
        )}
      />
    </Panel>
  )
}

interface NewestProps {
  happenings: readonly Happening[]
  onPick: (id: number) => void
}

export function NewestPanel({ happenings, onPick }: NewestProps) {
  const t = useT()
  return (
    <Panel title={t('newest')} aside={t('latest_first')} className="newest">
      {happenings.length === 0 && <p className="quiet">{t('nothing_yet')}</p>}
      <ol className="events">
        {happenings.map(({ row, at }) => (
          <li key={row.id}>
            <button type="button" onClick={() => onPick(row.id)}>
              <time className="num">{clockTime(at)}</time>
              <b>{named(row.matter, t('no_matter'))}</b>
              <span title={row.address}>{row.address || named(row.area, t('no_place'))}</span>
              <i className={`phase-${phaseOf(row)}`}>{stateName(row.state)}</i>
            </button>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

interface RatesProps {
  data: Overview
  focus: string | null
  onLook: (code: string | null) => void
}

export function RatesPanel({ data, focus, onLook }: RatesProps) {
  const t = useT()
  const rows = [...data.districts].sort((a, b) => (b.on_time_rate ?? -1) - (a.on_time_rate ?? -1))
  return (
    <Panel
      title={t('rates')}
      aside={t('week_by_district')}
      says={t('on_time_says')}
      className="rates"
    >
      {rows.length === 0 && <p className="quiet">{t('no_district')}</p>}
      <ul className="rate-rows">
        {rows.map((row) => (
          <li key={row.code}>
            <button
              type="button"
              aria-pressed={row.code === focus}
              onClick={() => onLook(row.code === focus ? null : row.code)}
            >
              <span>{named(row)}</span>
              <progress
                className="bars-bar"
                aria-hidden="true"
                value={row.on_time_rate ?? 0}
                max={1}
              />
              <b className="num">{share(row.on_time_rate)}</b>
              <small className={`num${row.overdue > 0 ? ' phase-over' : ''}`}>
                {t('overdue_n', { count: row.overdue })}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** What the colours of the map's points say. */
export function MapLegend() {
  return (
    <p className="legend">
      {PHASES.filter((phase) => phase !== 'done').map((phase) => (
        <span key={phase} className={`phase-${phase}`}>
          <i aria-hidden="true" />
          <span>{phaseName(phase)}</span>
        </span>
      ))}
    </p>
  )
}

export function DayPanel({ data }: { data: Overview }) {
  const t = useT()
  const normal = data.hours.some((hour) => hour.norm !== null)
  return (
    <section className="panel day">
      <h2>
        <span>{t('day_curve')}</span>
        <small>{t(normal ? 'day_legend' : 'day_no_norm')}</small>
      </h2>
      <div className="body">
        <Chart
          className="fill"
          label={t('day_curve')}
          heading={t('hour')}
          theme="dark"
          axis={false}
          every={3}
          categories={data.hours.map((hour) => String(hour.hour).padStart(2, '0'))}
          series={[
            { name: t('today'), values: data.hours.map((hour) => hour.today), tone: 'accent' },
            ...(normal
              ? [
                  {
                    name: t('norm'),
                    values: data.hours.map((hour) => hour.norm),
                    kind: 'line' as const,
                    dashed: true,
                    smooth: true,
                    tone: 'quiet' as const,
                  },
                ]
              : []),
          ]}
        />
      </div>
    </section>
  )
}

export function LatePanel({ data }: { data: Overview }) {
  const t = useT()
  const now = useNow(60)
  return (
    <Panel title={t('late_departments')} aside={t('overdue')} className="late">
      {data.late_departments.length === 0 && <p className="quiet">{t('nobody_late')}</p>}
      <BarList
        label={t('late_departments')}
        rows={data.late_departments.map((row) => ({
          key: row.code,
          name: named(row),
          value: row.overdue,
          text: `${whole(row.overdue)} / ${whole(row.open)}`,
          note: t('oldest', { time: duration(now - Date.parse(row.oldest_due_at)) }),
          tone: 'over',
        }))}
      />
    </Panel>
  )
}
