/** One report by number and code: where it stands, what happened, and what the reporter thinks. */
import { useEffect, useState } from 'react'
import { photo } from '../../api/client'
import { isRefusal, said } from '../../api/problem'
import { pick } from '../../app/language'
import { phaseOf } from '../../app/phase'
import { longTime, shortTime, useNow } from '../../app/time'
import { useData } from '../../ui/useData'
import { type Followed, followed } from './answers'
import { FollowForm } from './FollowForm'
import { keepReport, useKeptReports } from './kept'
import { Rating } from './Rating'
import { useT } from './words'

/** The number and the code in an address of this page. */
export function asked(path: string): { number: string; code: string } {
  const url = new URL(path, location.origin)
  const last = url.pathname.split('/')[2] ?? ''
  let number = last
  try {
    number = decodeURIComponent(last)
  } catch {
    // A broken address is looked for as it is, and not found.
  }
  return { number, code: url.searchParams.get('code') ?? '' }
}

export default function FollowPage({ path }: { path: string }) {
  const { number, code } = asked(path)
  if (number && code) return <Case key={path} number={number} code={code} />
  return (
    <main>
      <section className="card">
        <FollowForm number={number} code={code} />
      </section>
    </main>
  )
}

function Case({ number, code }: { number: string; code: string }) {
  const t = useT()
  const [thanks, setThanks] = useState('')
  const [readAt, setReadAt] = useState(() => Date.now())
  const { data, error, again } = useData(`${number} ${code}`, async (signal) => {
    const answer = await followed(number, code, signal)
    setReadAt(Date.now())
    return answer
  })

  useEffect(() => {
    const look = () => {
      if (!document.hidden) again()
    }
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [again])

  if (!data && error !== undefined) {
    return (
      <main>
        <section className="card stack">
          <p className="note bad" role="alert">
            {said(error)}
          </p>
          <FollowForm number={number} code={code} />
          {!isRefusal(error, 404) && (
            <button type="button" className="button plain" onClick={again}>
              {t('again')}
            </button>
          )}
        </section>
      </main>
    )
  }
  if (!data) return <p className="empty">{t('loading')}</p>
  return (
    <main>
      {error !== undefined && (
        <p className="note bad" role="alert">
          {said(error)}
        </p>
      )}
      <Standing report={data} code={code} />
      <div role="status">{thanks && <p className="note boxed">{thanks}</p>}</div>
      {data.may_rate && (
        <Rating
          number={number}
          code={code}
          onRated={(reopened) => {
            setThanks(reopened ? t('rate_reopened') : t('rate_thanks'))
            again()
          }}
          onStale={again}
        />
      )}
      <Steps report={data} />
      <section className="card">
        <dl className="facts">
          <dt>{t('case_text')}</dt>
          <dd className="long">{data.text}</dd>
          <Pictures name={t('photos')} keys={data.photos_before} />
          <Pictures name={t('photos_after')} keys={data.photos_after} />
          {data.address && (
            <>
              <dt>{t('case_address')}</dt>
              <dd>{data.address}</dd>
            </>
          )}
          <dt>{t('case_reported')}</dt>
          <dd className="num">{longTime(data.reported_at)}</dd>
        </dl>
      </section>
      <p className="row undo">
        <span className="soft num">{t('case_refreshed', { time: shortTime(readAt) })}</span>
        <button type="button" className="button plain" onClick={again}>
          {t('case_refresh')}
        </button>
      </p>
    </main>
  )
}

function Pictures({ name, keys }: { name: string; keys: readonly string[] }) {
  if (keys.length === 0) return null
  return (
    <>
      <dt>{name}</dt>
      <dd className="photos">
        {keys.map((key, index) => (
          <a key={key} href={photo(key)} target="_blank" rel="noreferrer">
            <img src={photo(key, 'thumb')} alt={`${name} ${index + 1}`} />
          </a>
        ))}
      </dd>
    </>
  )
}

/** What matters now, in one card. */
function Standing({ report, code }: { report: Followed; code: string }) {
  const t = useT()
  const now = useNow(60)
  const kept = useKeptReports().some((each) => each.number === report.number)
  const [fresh, setFresh] = useState(false)
  const { number, done, expected_at: expected } = report
  const late = expected !== null && Date.parse(expected) < now
  return (
    <section className="card stack">
      <div>
        <p className="soft num">{number}</p>
        <h2 className={`standing phase phase-${phaseOf(report)}`}>
          <span>{pick(report.state_zh, report.state_en)}</span>
        </h2>
        {expected && !done && (
          <p className="num">
            {late
              ? t('case_late', { time: longTime(expected) })
              : t('case_expected', { time: longTime(expected) })}
          </p>
        )}
      </div>
      {(report.department_zh || report.note) && (
        <dl className="facts">
          {report.department_zh && (
            <>
              <dt>{t('case_department')}</dt>
              <dd>{pick(report.department_zh, report.department_en)}</dd>
            </>
          )}
          {report.note && (
            <>
              <dt>{t('case_note')}</dt>
              <dd className="long">{pick(report.note, report.note_en)}</dd>
            </>
          )}
        </dl>
      )}
      {!kept && (
        <button
          type="button"
          className="button"
          onClick={() => {
            keepReport({ number, code, text: report.text, at: report.reported_at })
            setFresh(true)
          }}
        >
          {t('case_keep')}
        </button>
      )}
      <p role="status" className={fresh && kept ? 'soft' : 'only-read'}>
        {fresh && kept ? t('case_kept') : ''}
      </p>
    </section>
  )
}

function Steps({ report }: { report: Followed }) {
  const t = useT()
  const steps = [...report.steps].reverse()
  return (
    <section className="card">
      <h2>{t('case_steps')}</h2>
      <ol className="steps">
        {steps.map((step, index) => (
          <li key={`${step.at} ${step.zh}`} aria-current={index === 0 ? 'step' : undefined}>
            <span>{pick(step.zh, step.en)}</span>
            <time className="soft num" dateTime={step.at}>
              {shortTime(step.at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  )
}
