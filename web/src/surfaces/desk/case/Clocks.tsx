/** Every stage that was passed or is running: when it was due, when done, how long, late or not. */
import { duration, longTime, shortTime, useNow } from '../../../app/time'
import type { CaseDetail } from './shape'
import { useT, word } from './words'

export interface ClockRow {
  stage: string
  due: string | null
  done: string | null
  usedSeconds: number | null
  late: boolean
  /** Neither done nor running: the case stands still. */
  stopped: boolean
}

/** The stages in the order in which they were left; one that runs stands last. */
export function clockRows(detail: CaseDetail, now: number): ClockRow[] {
  const rows: ClockRow[] = [...detail.records]
    .sort((a, b) => a.seq - b.seq)
    .filter((record) => record.stage !== '' && record.used_seconds !== null)
    .map((record) => ({
      stage: record.stage,
      due: record.due_at,
      done: record.at,
      usedSeconds: record.used_seconds,
      late: record.timed_out,
      stopped: false,
    }))
  if (detail.stage && !detail.closed_at) {
    const stopped = detail.paused_since !== null
    const due = stopped ? null : detail.stage_due_at
    rows.push({
      stage: detail.stage,
      due,
      done: null,
      usedSeconds: null,
      late: due !== null && Date.parse(due) < now,
      stopped,
    })
  }
  return rows
}

export function Clocks({ detail }: { detail: CaseDetail }) {
  const t = useT()
  const now = useNow(60)
  const rows = clockRows(detail, now)
  const outcome = (row: ClockRow) => {
    if (row.late) return <span className="phase phase-over">{t('c_late')}</span>
    if (row.stopped) return t('c_stopped')
    return row.done ? (
      <span className="phase phase-done">
        <span>{t('c_ontime')}</span>
      </span>
    ) : (
      <span className="phase phase-doing">
        <span>{t('c_running')}</span>
      </span>
    )
  }
  return (
    <section aria-labelledby={`clocks-${detail.id}`}>
      <h2 id={`clocks-${detail.id}`}>{t('clocks')}</h2>
      {rows.length === 0 ? (
        <p className="soft">{t('c_empty')}</p>
      ) : (
        <table className="case-table">
          <thead>
            <tr>
              <th scope="col">{t('c_stage')}</th>
              <th scope="col">{t('c_due')}</th>
              <th scope="col">{t('c_done')}</th>
              <th scope="col" title={t('c_used_hint')}>
                {t('c_used')}
              </th>
              <th scope="col">{t('c_state')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={`${row.stage}-${index.toString()}`}>
                <th scope="row">{word('stage', row.stage)}</th>
                <td className="num" title={row.due ? longTime(row.due) : undefined}>
                  {shortTime(row.due)}
                </td>
                <td className="num" title={row.done ? longTime(row.done) : undefined}>
                  {shortTime(row.done)}
                </td>
                <td className="num">
                  {row.usedSeconds === null ? '—' : duration(row.usedSeconds * 1000)}
                </td>
                <td>{outcome(row)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {detail.pauses.length > 0 && (
        <>
          <h3>{t('pauses')}</h3>
          <ul className="case-plain">
            {detail.pauses.map((pause) => {
              const reason = word('pause', pause.reason)
              const from = shortTime(pause.started_at)
              // A review is never ended: the case was closed out of it.
              const end = pause.ended_at ?? detail.closed_at
              return (
                <li key={pause.started_at} className="num">
                  {end
                    ? t('pause_row', { reason, from, until: shortTime(end) })
                    : t('pause_open', { reason, from })}
                </li>
              )
            })}
          </ul>
        </>
      )}
    </section>
  )
}
