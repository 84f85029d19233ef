/** The form of one operation: what the server asks for, kept until the server said yes. */
import { Alert, App, Button } from 'antd'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { send } from '../../../api/client'
import { isRefusal, Refusal, said } from '../../../api/problem'
import { goSignIn } from '../../../api/session'
import { pressed } from '../shortcuts'
import { draftKey, dropDraft, keepDraft, keyFor, readDraft } from './draft'
import { FormFields } from './FormFields'
import { bodyOf, isWritten, lacking, opening, restored, type Values } from './form'
import { nameOf } from './OperationBar'
import { GRAVE, pathOf } from './operations'
import { usePhrases } from './phrases'
import { Since, sinceThen } from './Since'
import type { CaseDetail, Operation } from './shape'
import { useT } from './words'

interface OperationFormProps {
  operation: Operation
  detail: CaseDetail
  /** Who writes: drafts are theirs alone. */
  person: { id: number; name: string }
  /** What is filled in from elsewhere on the page (a duplicate to merge into). */
  preset?: Partial<Values>
  onClose: () => void
  onDone: (operation: Operation) => void
  /** Reads the case again. */
  onStale: () => Promise<CaseDetail | undefined>
}

export function OperationForm(props: OperationFormProps) {
  const { operation, detail, person, preset, onClose, onDone, onStale } = props
  const t = useT()
  const { message } = App.useApp()
  const key = draftKey(person.id, detail.id, operation.operation)
  const [start] = useState(() => {
    const opened = opening(operation, detail)
    const draft = readDraft(key)
    const values = { ...restored(opened, draft?.values), ...preset }
    return {
      opened,
      values,
      version: draft?.version ?? detail.version,
      kept: draft !== null,
      sent: draft?.sent,
    }
  })
  const [values, setValues] = useState(start.values)
  const [version, setVersion] = useState(start.version)
  const [problem, setProblem] = useState<unknown>(null)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const sent = useRef(start.sent)
  const form = useRef<HTMLFormElement>(null)
  const { phrases, note } = usePhrases(operation.operation)

  useEffect(() => {
    if (isWritten(values, start.opened)) keepDraft(key, { version, values, sent: sent.current })
    else dropDraft(key)
  }, [key, values, version, start.opened])
  const begin = () =>
    form.current?.querySelector<HTMLElement>('textarea, input:not([type=hidden])')?.focus()
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the form opens
  useEffect(() => {
    begin()
  }, [])

  const records = useMemo(() => sinceThen(detail, version), [detail, version])
  const possible = detail.operations.some((each) => each.operation === operation.operation)
  const missing = tried ? lacking(operation, values) : []
  const name = nameOf(operation)

  function finish() {
    dropDraft(key)
    note(values.opinion)
    onDone(operation)
  }

  // Sent without an answer, and now on record as the next step: it had gone through.
  const done = records[0]
  const wasDone =
    sent.current !== undefined &&
    !busy &&
    done?.seq === version + 1 &&
    done.operation === operation.operation &&
    done.actor === person.name
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it turns out
  useEffect(() => {
    if (!wasDone) return
    void message.info(t('form_was_done', { name }))
    finish()
  }, [wasDone])

  async function submit() {
    setTried(true)
    const lack = lacking(operation, values)
    if (busy || records.length > 0) return
    if (lack.length > 0) {
      form.current
        ?.querySelector<HTMLElement>(`[data-field="${lack[0]}"] :is(textarea, input)`)
        ?.focus()
      return
    }
    setBusy(true)
    setProblem(null)
    const body = JSON.stringify(bodyOf(operation, values, start.opened, version))
    sent.current = keyFor(body, sent.current)
    keepDraft(key, { version, values, sent: sent.current })
    try {
      await send(pathOf(detail.id, operation.operation), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': sent.current.key },
        body,
      })
      finish()
    } catch (error) {
      // Somebody was faster: what they did is read, and shown above the form.
      if (isRefusal(error, 409) || isRefusal(error, 404)) await onStale()
      setProblem(error)
      setBusy(false)
    }
  }

  function press(event: KeyboardEvent) {
    if (pressed(event, 'send') >= 0) {
      event.preventDefault()
      void submit()
    } else if (pressed(event, 'leave') >= 0 && !event.defaultPrevented) {
      // The drawer around the case would close too.
      event.nativeEvent.stopImmediatePropagation()
      event.stopPropagation()
      onClose()
    }
  }

  const field = problem instanceof Refusal ? problem.field : ''
  return (
    <form
      ref={form}
      className="case-form"
      aria-label={name}
      data-form={operation.operation}
      noValidate
      onKeyDown={press}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div className="case-section-head">
        <h2>{name}</h2>
        {start.kept && <span className="soft">{t('form_restored')}</span>}
      </div>
      {records.length > 0 && (
        <Since
          detail={detail}
          records={records}
          possible={possible}
          name={name}
          onGoOn={() => {
            setProblem(null)
            setVersion(detail.version)
            // The button that was pressed is gone; the keys belong to the form.
            begin()
          }}
        />
      )}
      <FormFields
        operation={operation}
        detail={detail}
        values={values}
        onChange={(change) => setValues((before) => ({ ...before, ...change }))}
        missing={missing}
        refused={field}
        phrases={phrases}
      />
      <div aria-live="polite">
        {missing.length > 0 && <p className="case-problem">{t('form_missing')}</p>}
        {problem !== null && (
          <Alert
            type="error"
            showIcon
            title={said(problem)}
            action={
              isRefusal(problem, 401) && (
                <Button size="small" onClick={goSignIn}>
                  {t('form_sign_in')}
                </Button>
              )
            }
          />
        )}
      </div>
      <div className="case-form-end">
        <Button
          type="primary"
          htmlType="submit"
          danger={GRAVE.has(operation.operation)}
          loading={busy}
          disabled={records.length > 0}
        >
          {name}
        </Button>
        <Button onClick={onClose}>{t('form_later')}</Button>
        {isWritten(values, start.opened) && (
          <Button
            type="text"
            onClick={() => {
              setValues(start.opened)
              setVersion(detail.version)
              setProblem(null)
              setTried(false)
            }}
          >
            {t('form_empty')}
          </Button>
        )}
        <span className="soft">{t('form_keys')}</span>
      </div>
    </form>
  )
}
