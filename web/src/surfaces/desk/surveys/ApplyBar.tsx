/** Letting a survey into the register, or throwing it away; both say in numbers what they do. */
import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import { type SurveyDetail, surveyAt, toApply, write } from './survey'
import { useT } from './words'

const LATER_MS = 2_000

export function ApplyBar({ survey }: { survey: SurveyDetail }) {
  const t = useT()
  const client = useQueryClient()
  const { modal, message } = App.useApp()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [later, setLater] = useState(false)
  useEffect(() => {
    if (!later) return
    const again = () => void client.invalidateQueries({ queryKey: ['surveys'] })
    const timer = setInterval(again, LATER_MS)
    return () => clearInterval(timer)
  }, [later, client])

  async function end(step: 'apply' | 'discard', body?: { force: boolean }) {
    setBusy(true)
    setProblem('')
    try {
      const answer = await write(`${surveyAt(survey.id)}/${step}`, 'POST', body)
      setAsking(false)
      if (answer.status === 202) {
        // A large one goes in behind the page; its state tells when.
        setLater(true)
        void message.info(t('applying_later'))
      } else {
        void message.success(t(step === 'apply' ? 'applied' : 'discarded'))
      }
    } catch (error) {
      setProblem(said(error))
      if (step === 'discard') void message.error(said(error))
    }
    setBusy(false)
    void client.invalidateQueries({ queryKey: ['components'] })
    await client.invalidateQueries({ queryKey: ['surveys'] })
  }
  function discard() {
    void modal.confirm({
      title: t('discard_ask'),
      content: t('discard_say'),
      okText: t('discard'),
      cancelText: t('cancel'),
      okButtonProps: { danger: true },
      onOk: () => end('discard'),
    })
  }
  return (
    <div className="survey-end">
      <button
        type="button"
        className="tool main"
        disabled={busy || later}
        onClick={() => setAsking(true)}
      >
        {later ? t('applying') : t('apply')}
      </button>
      <button type="button" className="tool" disabled={busy || later} onClick={discard}>
        {t('discard')}
      </button>
      {asking && (
        <Ask
          survey={survey}
          busy={busy}
          problem={problem}
          onYes={(force) => void end('apply', { force })}
          onNo={() => setAsking(false)}
        />
      )}
    </div>
  )
}

interface AskProps {
  survey: SurveyDetail
  busy: boolean
  problem: string
  onYes: (force: boolean) => void
  onNo: () => void
}

function Ask({ survey, busy, problem, onYes, onNo }: AskProps) {
  const t = useT()
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [force, setForce] = useState(false)
  useEffect(() => dialog.current?.showModal(), [])
  const numbers = toApply(survey)
  // What is taken away is confirmed by its number: a click alone is too easily done.
  const counted = numbers.gone === 0 || typed.trim() === String(numbers.gone)
  const sure = counted && (force || !survey.too_many_rejected)
  return (
    <dialog ref={dialog} className="survey-ask" aria-labelledby="ask-title" onClose={onNo}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (sure) onYes(force)
        }}
      >
        <h2 id="ask-title">{t('apply_ask', { title: survey.title || survey.file_name })}</h2>
        <ul>
          <li>{t('will_add', { count: numbers.new })}</li>
          <li>{t('will_change', { count: numbers.changed })}</li>
          <li>{t('will_remove', { count: numbers.gone })}</li>
          {survey.rejected > 0 && <li>{t('will_reject', { count: survey.rejected })}</li>}
        </ul>
        {numbers.gone > 0 && (
          <label className="survey-field">
            <span>{t('type_number', { number: String(numbers.gone) })}</span>
            <input
              inputMode="numeric"
              className="num"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        )}
        {survey.too_many_rejected && (
          <label className="survey-check">
            <input
              type="checkbox"
              checked={force}
              onChange={(event) => setForce(event.target.checked)}
            />
            <span className="survey-problem">{t('force')}</span>
          </label>
        )}
        {problem && (
          <p className="survey-problem" role="alert">
            {problem}
          </p>
        )}
        <p className="survey-end">
          <button type="submit" className="tool main" disabled={!sure || busy}>
            {busy ? t('applying') : t('apply')}
          </button>
          <button type="button" className="tool" onClick={() => dialog.current?.close()}>
            {t('cancel')}
          </button>
        </p>
      </form>
    </dialog>
  )
}
