/** Everything that is on its way, and everything that needs a decision. */
import { useState } from 'react'
import type { Me } from '../../../api/session'
import { shortTime } from '../../../app/time'
import { go } from '../../../ui/path'
import { REPORT_DRAFT, wordsOfReport } from '../report/words'
import { Shell } from '../Shell'
import { writePhotos, writeWords } from '../store/draft'
import type { Item } from '../store/item'
import { discard, sendAgain } from '../store/outbox'
import { kick, useOutbox } from '../store/running'
import { ACTS } from '../tasks/acts'
import { draftOf } from '../tasks/TaskForm'
import { Conflict } from './Conflict'
import { useT } from './text'

export default function OutboxPage({ me }: { me: Me }) {
  const t = useT()
  const { items, others } = useOutbox()
  const open = items.filter((item) => item.state !== 'sent')
  const sent = items.filter((item) => item.state === 'sent').reverse()
  const held = new Set<string>()
  return (
    <Shell title={t('outbox')}>
      {open.length > 0 && (
        <button type="button" className="button" onClick={() => void kick(true)}>
          {t('send_now')}
        </button>
      )}
      {!items.length && <p className="empty">{t('outbox_none')}</p>}
      {others > 0 && <p className="note">{t('outbox_others', { count: others })}</p>}
      <ul className="plain-list">
        {open.map((item) => {
          const behind = held.has(item.lane)
          held.add(item.lane)
          return (
            <li key={item.seq}>
              <Card me={me} item={item} behind={behind} />
            </li>
          )
        })}
        {sent.map((item) => (
          <li key={item.seq}>
            <Card me={me} item={item} behind={false} />
          </li>
        ))}
      </ul>
    </Shell>
  )
}

const PHASE = {
  waiting: 'new',
  sending: 'doing',
  sent: 'done',
  refused: 'over',
  conflict: 'check',
} as const

function Card({ me, item, behind }: { me: Me; item: Item; behind: boolean }) {
  const t = useT()
  const [asking, ask] = useState(false)
  const act = item.kind === 'step' ? ACTS.find((each) => each.name === item.act) : undefined
  const title = act ? t('step_of', { act: t(`act_${act.name}`), title: item.title }) : item.title
  const words = item.kind === 'step' ? item.opinion : item.report.text
  const mayChange = item.state !== 'sent' && item.state !== 'sending'

  return (
    <article className="card form" data-state={item.state}>
      <div className="task-head">
        <h2>{item.kind === 'report' ? `${t('report')} · ${title}` : title}</h2>
        <span className={`phase phase-${PHASE[item.state]}`} role="status">
          <span>{t(`state_${item.state}`)}</span>
        </span>
      </div>
      {words && <p className="two-lines">{words}</p>}
      <p className="soft num">
        {shortTime(item.at)}
        {item.photos.length > 0 && ` · ${t('n_photos', { count: item.photos.length })}`}
        {item.sentAt !== null && ` · ${t('sent_at', { time: shortTime(item.sentAt) })}`}
      </p>
      {item.kind === 'report' && item.receipt && (
        <p className="num">{t('receipt', { number: item.receipt.number })}</p>
      )}
      {item.state === 'waiting' && behind && <p className="soft">{t('blocked')}</p>}
      {item.state === 'waiting' && item.tries > 0 && (
        <p className="soft">
          {item.problem} {t('tried', { count: item.tries, time: shortTime(item.next) })}
        </p>
      )}
      {(item.state === 'refused' || item.state === 'conflict') && (
        <p className="note bad" role="alert">
          {item.problem}
        </p>
      )}
      {item.state === 'conflict' && item.kind === 'step' && <Conflict item={item} />}
      {mayChange && !asking && (
        <div className="buttons">
          {item.state === 'refused' && (
            <button type="button" className="button" onClick={() => void sendOnceMore(item)}>
              {t('try_again')}
            </button>
          )}
          {item.state !== 'conflict' && (
            <button type="button" className="button" onClick={() => void reopen(me, item)}>
              {t('edit')}
            </button>
          )}
          <button type="button" className="button" onClick={() => ask(true)}>
            {t('discard')}
          </button>
        </div>
      )}
      {asking && (
        <div className="note bad" role="alertdialog" aria-label={t('discard')}>
          <span>{t(item.tries > 0 ? 'discard_maybe' : 'discard_sure')}</span>
          <button type="button" className="button" onClick={() => void discard(item)}>
            {t('discard')}
          </button>
          <button type="button" className="button" onClick={() => ask(false)}>
            {t('back')}
          </button>
        </div>
      )}
    </article>
  )
}

async function sendOnceMore(item: Item): Promise<void> {
  await sendAgain(item, null)
  await kick()
}

/** Back to the form it came from, with every word and photo; out of the outbox after that. */
async function reopen(me: Me, item: Item): Promise<void> {
  const owner = me.user.id
  const step = item.kind === 'step'
  const key = step ? draftOf(owner, item.caseId) : `${owner}.${REPORT_DRAFT}`
  if (step) writeWords(key, { act: item.act, opinion: item.opinion, version: item.version })
  else writeWords(key, wordsOfReport(item))
  await writePhotos(
    key,
    item.photos.flatMap(({ id, slot, blob }) => (blob ? [{ id, slot, blob }] : [])),
  )
  if (await discard(item)) go(step ? `/m/task/${item.caseId}` : '/m/report')
}
