/** Who has what to do or to decide in this case: tasks, requests, supervisions. */
import { named } from '../../../app/language'
import { shortTime } from '../../../app/time'
import type { CaseDetail } from './shape'
import { useT, word } from './words'

export function Duties({ detail }: { detail: CaseDetail }) {
  const t = useT()
  const { id, tasks, requests, supervisions } = detail
  return (
    <>
      {supervisions.length > 0 && (
        <section aria-labelledby={`supervisions-${id}`}>
          <h2 id={`supervisions-${id}`}>{t('supervisions')}</h2>
          <ul className="case-list">
            {supervisions.map((each) => (
              <li key={each.at}>
                <p>
                  <strong>{word('kind', each.kind)}</strong> · {t('d_level', { level: each.level })}
                  {each.reply_required && !each.replied_at && (
                    <span className="phase phase-new case-late">{t('s_waits')}</span>
                  )}
                </p>
                <p className="case-said">{each.requirement}</p>
                <p className="soft num">
                  {[each.by?.name, shortTime(each.at)].filter(Boolean).join(' · ')}
                </p>
                {each.replied_at && (
                  <p className="case-opinion">
                    {t('s_reply')} <span className="num">{shortTime(each.replied_at)}</span>:{' '}
                    {each.reply}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {requests.length > 0 && (
        <section aria-labelledby={`requests-${id}`}>
          <h2 id={`requests-${id}`}>{t('requests')}</h2>
          <ul className="case-list">
            {requests.map((each) => (
              <li key={each.id}>
                <p>
                  <strong>{word('request', each.kind)}</strong> ·{' '}
                  {word('request_state', each.state)}
                  {each.until && ` · ${t('until', { time: shortTime(each.until) })}`}
                </p>
                <p className="case-said">{each.reason}</p>
                <p className="soft num">
                  {[each.applicant?.name, shortTime(each.applied_at)].filter(Boolean).join(' · ')}
                </p>
                {each.opinion && <p className="case-opinion">{each.opinion}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {tasks.length > 0 && (
        <section aria-labelledby={`tasks-${id}`}>
          <h2 id={`tasks-${id}`}>{t('tasks')}</h2>
          <ul className="case-list">
            {tasks.map((each) => (
              <li key={each.id}>
                <p>
                  <strong>{word('task', each.kind)}</strong> · {word('task_state', each.state)}
                  {each.result && ` · ${word('result', each.result)}`}
                </p>
                <p className="soft num">
                  {[
                    named(each.organisation),
                    each.assignee?.name,
                    each.done_at
                      ? shortTime(each.done_at)
                      : each.due_at && t('due_at', { time: shortTime(each.due_at) }),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
