/** Somebody was faster: what happened, and what can be done about it. */
import { said } from '../../../api/problem'
import { actorName } from '../../../app/actor'
import { stateName } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import { follow } from '../../../ui/path'
import { useData } from '../../../ui/useData'
import type { StepItem } from '../store/item'
import { sendAgain } from '../store/outbox'
import { kick } from '../store/running'
import { actsOf } from '../tasks/acts'
import { isState, since } from '../tasks/history'
import { fetchCase } from '../tasks/read'
import { useT } from './text'

export function Conflict({ item }: { item: StepItem }) {
  const t = useT()
  const { data, error } = useData(`case:${item.caseId}`, (signal) => fetchCase(item.caseId, signal))
  const news = data ? since(data, item.version) : []
  const possible = data && actsOf(data.operations).some((act) => act.operation === item.operation)

  async function again() {
    if (!data) return
    await sendAgain(item, data.version)
    await kick()
  }

  return (
    <div className="conflict">
      {!!error && (
        <p className="soft">
          {t('happened_unknown')} {said(error)}
        </p>
      )}
      {data && (
        <>
          <p>
            {t('now_state')} <b>{stateName(data.state)}</b>
          </p>
          <p>{t(news.length ? 'happened' : 'happened_nothing')}</p>
          <ol className="history">
            {news.map((record) => (
              <li key={record.seq}>
                <p>
                  <span className="num soft">{shortTime(record.at)}</span> {actorName(record.actor)}
                  {record.from_state !== record.to_state &&
                    isState(record.from_state) &&
                    isState(record.to_state) &&
                    ` · ${stateName(record.from_state)} → ${stateName(record.to_state)}`}
                </p>
                {record.opinion && <p>{record.opinion}</p>}
              </li>
            ))}
          </ol>
          {possible === false && <p className="soft">{t('again_impossible')}</p>}
        </>
      )}
      <div className="buttons">
        {possible && (
          <button type="button" className="button main" onClick={() => void again()}>
            {t('again_on_new')}
          </button>
        )}
        <a className="button" href={`/m/task/${item.caseId}`} onClick={follow}>
          {t('look')}
        </a>
      </div>
    </div>
  )
}
