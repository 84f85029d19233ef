/** What the reporters said in their own words, and how to reach them. */
import { Alert, Button, Input } from 'antd'
import { useEffect, useId, useState } from 'react'
import { send } from '../../../api/client'
import { said } from '../../../api/problem'
import { longTime } from '../../../app/time'
import type { CaseDetail, Report } from './shape'
import { useT, word } from './words'

export function Reports({ detail }: { detail: CaseDetail }) {
  const t = useT()
  const { reports } = detail
  if (reports.length === 0) return null
  return (
    <section aria-labelledby={`reports-${detail.id}`}>
      <h2 id={`reports-${detail.id}`}>{t('reports', { count: reports.length })}</h2>
      <ul className="case-list">
        {reports.map((report) => (
          <li key={report.number}>
            <p className="soft">
              {word('channel', report.channel)} · {longTime(report.reported_at)} ·{' '}
              <span className="num">{report.number}</span>
            </p>
            <p className="case-said">{report.text || '—'}</p>
            {(report.address || report.place_note) && (
              <p className="soft">
                {[report.address, report.place_note].filter(Boolean).join(' · ')}
              </p>
            )}
            <Contact report={report} />
          </li>
        ))}
      </ul>
    </section>
  )
}

interface Clear {
  name: string | null
  phone: string | null
  email: string | null
}

/** Long enough for a call; then it is masked again. */
const SHOWN_FOR = 120_000

function Contact({ report }: { report: Report }) {
  const t = useT()
  const id = useId()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [clear, setClear] = useState<Clear | null>(null)
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    if (!clear) return
    const timer = setTimeout(() => setClear(null), SHOWN_FOR)
    return () => clearTimeout(timer)
  }, [clear])

  const { contact, contact_id } = report
  if (!contact) return null
  if (contact.erased) return <p className="soft">{t('r_erased')}</p>
  const line = (of: Record<string, unknown>) =>
    ['name', 'phone', 'email'].flatMap((name) => (of[name] ? [String(of[name])] : [])).join(' · ')

  async function reveal() {
    if (busy || reason.trim().length < 2) return
    setBusy(true)
    setProblem('')
    try {
      const answer = await send(`/api/contacts/${contact_id}/reveal`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ reason: reason.trim() }),
      })
      setClear(await answer.json())
      setAsking(false)
      setReason('')
    } catch (error) {
      setProblem(said(error))
    }
    setBusy(false)
  }

  return (
    <div className="case-contact">
      <p>
        {t('r_contact')}: <b className="num">{line(clear ? { ...clear } : contact)}</b>{' '}
        {clear ? (
          <>
            <span className="soft">{t('r_recorded')}</span>{' '}
            <Button size="small" onClick={() => setClear(null)}>
              {t('r_hide')}
            </Button>
          </>
        ) : (
          contact_id &&
          !asking && (
            <Button size="small" onClick={() => setAsking(true)}>
              {t('r_reveal')}
            </Button>
          )
        )}
      </p>
      {asking && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void reveal()
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.stopPropagation()
            event.nativeEvent.stopImmediatePropagation()
            setAsking(false)
          }}
        >
          <p className="soft">{t('r_reveal_why')}</p>
          <label htmlFor={id}>{t('r_reason')} *</label>
          <Input
            id={id}
            autoFocus
            maxLength={500}
            value={reason}
            placeholder={t('r_reason_ph')}
            onChange={(event) => setReason(event.target.value)}
          />
          <span className="case-form-end">
            <Button
              size="small"
              type="primary"
              htmlType="submit"
              loading={busy}
              disabled={reason.trim().length < 2}
            >
              {t('r_show')}
            </Button>
            <Button size="small" onClick={() => setAsking(false)}>
              {t('r_cancel')}
            </Button>
          </span>
        </form>
      )}
      {problem && <Alert type="error" title={problem} />}
    </div>
  )
}
