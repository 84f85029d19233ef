/** The number and the code to read to the caller; then the case itself, to go on at once. */
import { Alert, Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { api, type Schemas, take } from '../../../api/client'
import { said } from '../../../api/problem'
import { CasePanel } from '../case/CasePanel'
import { useCase } from '../case/useCase'
import { useKeys } from '../keys'
import { aloud } from './order'
import { useT } from './words'

interface ReceiptProps {
  receipt: Schemas['ReceiptOut']
  joined: boolean
  onNext: () => void
}

export function Receipt({ receipt, joined, onNext }: ReceiptProps) {
  const t = useT()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  useKeys({ next_call: onNext })
  return (
    <main className="order-done">
      <section className="order-receipt" aria-live="polite">
        <h1 ref={title} tabIndex={-1}>
          {joined ? t('done_joined') : receipt.created ? t('done') : t('done_before')}
        </h1>
        <p className="soft">{t('read_aloud')}</p>
        <dl>
          <div>
            <dt>{t('number')}</dt>
            <dd className="num">{aloud(receipt.number)}</dd>
          </div>
          <div>
            <dt>{t('code')}</dt>
            <dd className="num">{aloud(receipt.code)}</dd>
          </div>
        </dl>
        <div className="case-form-end">
          <Button type="primary" onClick={onNext}>
            {t('next_call')}
            <span className="case-key" aria-hidden="true">
              L
            </span>
          </Button>
          {receipt.case_id !== null && <AcceptAtOnce id={receipt.case_id} />}
        </div>
      </section>
      {receipt.case_id !== null && <CasePanel id={receipt.case_id} />}
    </main>
  )
}

/** One press where the class is known already and the server lets this person accept. */
function AcceptAtOnce({ id }: { id: number }) {
  const t = useT()
  const { data, refetch } = useCase(id)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const offered = data?.operations.some((each) => each.operation === 'accept')
  if (!data?.matter || !offered) return null
  const { version } = data
  async function accept() {
    setBusy(true)
    setProblem('')
    try {
      const params = { path: { case_id: id } }
      const body = { version, opinion: '', attachments: [] }
      await take(api.POST('/api/cases/{case_id}/accept', { params, body }))
    } catch (error) {
      setProblem(said(error))
    }
    await refetch()
    setBusy(false)
  }
  return (
    <>
      <Button loading={busy} onClick={() => void accept()}>
        {t('accept_now')}
      </Button>
      {problem && <Alert type="error" title={problem} />}
    </>
  )
}
