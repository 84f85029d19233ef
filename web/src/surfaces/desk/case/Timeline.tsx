/** What was done, by whom, how long it took, and what they said. */
import { Button } from 'antd'
import { useState } from 'react'
import { photo } from '../../../api/client'
import { actorName } from '../../../app/actor'
import { named } from '../../../app/language'
import { duration, longTime, shortTime } from '../../../app/time'
import { rates } from './Facts'
import type { CaseDetail, CaseRecord } from './shape'
import { useT, word } from './words'

interface TimelineProps {
  detail: CaseDetail
  onPhoto?: (key: string) => void
}

export function Timeline({ detail, onPhoto }: TimelineProps) {
  const t = useT()
  const [newest, setNewest] = useState(true)
  const records = [...detail.records].sort((a, b) => (newest ? b.seq - a.seq : a.seq - b.seq))
  return (
    <section aria-labelledby={`timeline-${detail.id}`}>
      <div className="case-section-head">
        <h2 id={`timeline-${detail.id}`}>{t('timeline')}</h2>
        <Button type="link" size="small" onClick={() => setNewest(!newest)}>
          {newest ? t('newest_first') : t('oldest_first')}
        </Button>
      </div>
      <ol className="case-steps" reversed={newest}>
        {records.map((record) => (
          <Step key={record.seq} record={record} onPhoto={onPhoto} />
        ))}
      </ol>
    </section>
  )
}

function Step({ record, onPhoto }: { record: CaseRecord; onPhoto?: (key: string) => void }) {
  const t = useT()
  const joined = record.operation === 'receive' && record.from_state !== ''
  const receiver = [named(record.receiver_organisation), record.receiver?.name]
    .filter(Boolean)
    .join(' ')
  const details = tell(record)
  return (
    <li>
      <div className="case-step-head">
        <strong>{joined ? t('d_same') : word('op', record.operation)}</strong>
        {receiver && <span>{t('to_receiver', { name: receiver })}</span>}
        <time className="num" dateTime={record.at} title={longTime(record.at)}>
          {shortTime(record.at)}
        </time>
      </div>
      <p className="soft">
        {[
          actorName(record.actor) || t('machine'),
          record.role && word('role', record.role),
          named(record.organisation),
        ]
          .filter(Boolean)
          .join(' · ')}
        {record.used_seconds !== null && (
          <span className="num">
            {' · '}
            {word('stage', record.stage)}{' '}
            {t('took', { time: duration(record.used_seconds * 1000) })}
          </span>
        )}
        {record.timed_out && <span className="phase phase-over case-late">{t('late')}</span>}
      </p>
      {record.opinion && <p className="case-opinion">{record.opinion}</p>}
      {details.map((line) => (
        <p key={line} className="soft">
          {line}
        </p>
      ))}
      {record.attachments.length > 0 && (
        <div className="case-thumbs">
          {record.attachments.map((key, index) => (
            <button key={key} type="button" onClick={() => onPhoto?.(key)}>
              <img
                src={photo(key, 'thumb')}
                alt={t('p_open', { n: index + 1, group: word('op', record.operation) })}
                loading="lazy"
              />
            </button>
          ))}
        </div>
      )}
    </li>
  )
}

/** What a record keeps beside the opinion, in words. */
function tell(record: CaseRecord): string[] {
  const { data, operation } = record
  const lines: string[] = []
  if (typeof data.result === 'string') lines.push(word('result', data.result))
  if (operation === 'supervise' && typeof data.kind === 'string') {
    lines.push(
      `${word('kind', data.kind)} · ${word('d', 'level').replace('{level}', String(data.level))}`,
    )
  }
  if (operation === 'amend') {
    const fields = ['matter', 'place', 'address', 'description', 'public', 'urgency']
    const changed = fields.filter((field) => field in data)
    if (changed.length) {
      const what = changed.map((field) => word('d', field)).join(' · ')
      lines.push(word('d', 'corrected').replace('{what}', what))
    }
    for (const field of ['address', 'description']) {
      const before = beforeOf(data[field])
      if (before) lines.push(word('d', 'was').replace('{text}', before))
    }
  }
  if (data.missed_by_patrol === true) lines.push(word('d', 'missed'))
  if (operation === 'visit_back') {
    const said = data.reached === false ? word('rate', 'not_reached') : ratesOf(data)
    if (said) lines.push(said)
  }
  return lines
}

function beforeOf(change: unknown): string {
  if (typeof change !== 'object' || change === null || !('before' in change)) return ''
  return typeof change.before === 'string' ? change.before : ''
}

function ratesOf(data: Record<string, unknown>): string | null {
  const flag = (value: unknown) => (typeof value === 'boolean' ? value : null)
  return rates({
    answered: flag(data.answered),
    solved: flag(data.solved),
    satisfied: flag(data.satisfied),
  })
}
