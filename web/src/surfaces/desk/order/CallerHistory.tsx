/** What this caller reported before: open cases first, as a call is often about one of them. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, type Schemas, take } from '../../../api/client'
import { said } from '../../../api/problem'
import { OPEN_STATES } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import { StateMark } from '../../../ui/Phase'
import { isPhone } from './order'
import { useT } from './words'

type Report = Schemas['ReportOut']

export function isOpen(report: Report): boolean {
  return OPEN_STATES.includes(report.case_state)
}

/** Open cases first, then the newest. */
export function ordered(reports: readonly Report[]): Report[] {
  return [...reports].sort(
    (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.reported_at.localeCompare(a.reported_at),
  )
}

interface CallerHistoryProps {
  phone: string
  chosen: number | null
  onSame: (id: number, name: string) => void
}

export function CallerHistory({ phone, chosen, onSame }: CallerHistoryProps) {
  const t = useT()
  const known = isPhone(phone)
  const { data, error, isFetching } = useQuery({
    queryKey: ['caller', phone],
    queryFn: ({ signal }) =>
      take(api.GET('/api/reports', { params: { query: { phone, limit: 20 } }, signal })),
    enabled: known,
    staleTime: 15_000,
  })
  return (
    <section aria-labelledby="order-history" aria-busy={isFetching}>
      <h2 id="order-history">{t('history')}</h2>
      <div aria-live="polite">
        {!known && <p className="soft">{t('history_ask')}</p>}
        {known && !data && !error && <p className="soft">{t('reading')}</p>}
        {error && <p className="case-problem">{said(error)}</p>}
        {data?.items.length === 0 && <p className="soft">{t('history_none')}</p>}
        {data && data.items.length > 0 && (
          <p className="soft">{t('history_count', { count: data.items.length })}</p>
        )}
      </div>
      <ul className="case-list">
        {ordered(data?.items ?? []).map((report) => (
          <li key={report.number} aria-current={chosen === report.case_id || undefined}>
            <p>
              <a href={`/desk/cases/${report.case_id}`} target="_blank" rel="noreferrer">
                <span className="num">{report.case_number ?? report.number}</span>
              </a>{' '}
              <StateMark row={{ state: report.case_state }} />
              <span className="soft num"> {shortTime(report.reported_at)}</span>
            </p>
            <p className="case-cut" title={report.text}>
              {report.text}
            </p>
            {report.address && <p className="soft">{report.address}</p>}
            {isOpen(report) && (
              <Button
                size="small"
                type={chosen === report.case_id ? 'primary' : 'default'}
                aria-pressed={chosen === report.case_id}
                onClick={() => onSame(report.case_id, report.case_number ?? report.number)}
              >
                {t('same')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
