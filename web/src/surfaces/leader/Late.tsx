/** What is late and who is late: departments by cases past their limit, then districts. */
import type { Overview } from '../../api/overview'
import { named } from '../../app/language'
import { share, whole } from '../../app/numbers'
import { duration, useNow } from '../../app/time'
import { BarList, withRest } from '../../ui/chart/BarList'
import { follow } from '../../ui/path'
import { COUNTED, casesAt } from './caseQuery'
import { Figure } from './Figure'
import type { Known } from './kept'
import { useT } from './words'

export function Late({ overview }: { overview: Known<Overview> }) {
  const t = useT()
  const now = useNow(60)
  const { data } = overview
  if (!data) {
    return (
      <p className="empty" role="status">
        {t('loading')}
      </p>
    )
  }
  const districts = data.districts
    .filter((row) => row.overdue > 0)
    .sort((a, b) => b.overdue - a.overdue)
  return (
    <>
      <section className="figures" aria-label={t('tab_late')}>
        <Figure
          name={t('overdue')}
          value={whole(data.open.overdue)}
          tone={data.open.overdue > 0 ? 'bad' : undefined}
          href={COUNTED.overdue()}
        />
        <Figure
          name={t('suspended_now')}
          value={whole(data.open.suspended)}
          href={COUNTED.suspended()}
        />
      </section>
      <section className="card">
        <h2>{t('late_departments')}</h2>
        {data.late_departments.length === 0 && <p>{t('nobody_late')}</p>}
        <ul className="leader-rows">
          {data.late_departments.map((row) => (
            <li key={row.id}>
              <a
                href={casesAt({
                  open: 'true',
                  overdue: 'true',
                  order: 'due',
                  department: row.code,
                })}
                onClick={follow}
              >
                <strong>{named(row)}</strong>
                <span className="num phase phase-over">
                  {t('district_overdue', { count: row.overdue })}
                </span>
                <span className="soft num">
                  {t('oldest', { time: duration(now - Date.parse(row.oldest_due_at)) })}
                </span>
                <span className="soft num">
                  {t('of_their', { count: row.open, share: share(row.overdue / row.open) })}
                </span>
              </a>
            </li>
          ))}
        </ul>
      </section>
      {data.open.overdue > 0 && (
        <section className="card">
          <h2>{t('late_districts')}</h2>
          <BarList
            label={t('late_districts')}
            onFollow={follow}
            rows={withRest(
              districts.map((row) => ({
                key: row.code,
                name: named(row),
                value: row.overdue,
                text: whole(row.overdue),
                tone: 'over',
                href: casesAt({ open: 'true', overdue: 'true', order: 'due', area: row.code }),
              })),
              data.open.overdue,
              t('no_district_yet'),
            )}
          />
        </section>
      )}
    </>
  )
}
