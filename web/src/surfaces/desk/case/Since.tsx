/** What others did with the case while a form on it was open. */
import { Alert, Button } from 'antd'
import { actorName } from '../../../app/actor'
import { stateName } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import type { CaseDetail, CaseRecord } from './shape'
import { useT, word } from './words'

/** Reports that joined change nothing that a form stands on (the server says so too). */
export function sinceThen(detail: CaseDetail, version: number): CaseRecord[] {
  return detail.records.filter((each) => each.seq > version && each.operation !== 'receive')
}

interface SinceProps {
  detail: CaseDetail
  records: readonly CaseRecord[]
  /** Whether the operation of the form may still be performed. */
  possible: boolean
  name: string
  onGoOn: () => void
}

export function Since({ detail, records, possible, name, onGoOn }: SinceProps) {
  const t = useT()
  return (
    <Alert
      type="warning"
      showIcon
      className="case-since"
      title={t('since_title')}
      description={
        <>
          <ul>
            {records.map((record) => (
              <li key={record.seq}>
                <span className="num">{shortTime(record.at)}</span> {actorName(record.actor)}{' '}
                {word('op', record.operation)}
                {record.opinion && `: ${record.opinion}`}
              </li>
            ))}
          </ul>
          <p>
            {possible
              ? t('since_possible')
              : t('since_impossible', { state: stateName(detail.state), name })}
          </p>
          {possible && (
            <Button size="small" onClick={onGoOn}>
              {t('since_go_on')}
            </Button>
          )}
        </>
      }
    />
  )
}
