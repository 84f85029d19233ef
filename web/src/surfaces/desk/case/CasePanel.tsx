/** A case with its whole life and the buttons of whoever looks; in a drawer or a page of its own. */
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { App, Button } from 'antd'
import { useMemo, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { useKeys } from '../keys'
import { WORK } from '../waiting/counts'
import { Clocks } from './Clocks'
import { Done } from './Done'
import { Duties } from './Duties'
import { draftsOf } from './draft'
import { Facts } from './Facts'
import type { Values } from './form'
import { Head } from './Head'
import { OperationBar } from './OperationBar'
import { OperationForm } from './OperationForm'
import { Others } from './Others'
import { correction } from './operations'
import { Pictures } from './Pictures'
import { picturesOf } from './pictures'
import { Related } from './Related'
import { Reports } from './Reports'
import type { CaseDetail, Operation } from './shape'
import { Timeline } from './Timeline'
import { nextWaiting, useCase } from './useCase'
import { usePresence } from './usePresence'
import { Viewer } from './Viewer'
import { useT } from './words'
import './case.css'
import './form.css'

export interface CasePanelProps {
  id: number
  onClose?: () => void
  /** Shows another case in the same place; without it the page of that case is opened. */
  onMove?: (id: number) => void
}

export function CasePanel({ id, onClose, onMove }: CasePanelProps) {
  const t = useT()
  const navigate = useNavigate()
  const { data, error, refetch } = useCase(id)
  const move =
    onMove ?? ((next: number) => void navigate({ to: '/cases/$id', params: { id: String(next) } }))
  if (!data) {
    return error ? (
      <div className="case-blank" role="alert">
        <p>
          {t('failed')}: {said(error)}
        </p>
        <Button onClick={() => void refetch()}>{t('try_again')}</Button>
      </div>
    ) : (
      <p className="case-blank" role="status">
        {t('loading')}
      </p>
    )
  }
  const again = async () => (await refetch()).data
  return <Opened key={id} detail={data} onClose={onClose} onMove={move} onStale={again} />
}

interface OpenedProps {
  detail: CaseDetail
  onClose?: () => void
  onMove: (id: number) => void
  onStale: () => Promise<CaseDetail | undefined>
}

interface OpenForm {
  operation: Operation
  preset?: Partial<Values>
  /** A preset opens the form anew. */
  turn: number
}

function Opened({ detail, onClose, onMove, onStale }: OpenedProps) {
  const t = useT()
  const me = useMe()
  const client = useQueryClient()
  const { message } = App.useApp()
  const [form, setForm] = useState<OpenForm | null>(null)
  const [done, setDone] = useState<Operation | null>(null)
  const [photo, setPhoto] = useState<string | null>(null)
  const article = useRef<HTMLElement>(null)
  const others = usePresence(detail.id, form !== null)
  const { id } = detail

  const open = (operation: Operation, preset?: Partial<Values>) => {
    setDone(null)
    setForm((before) => ({ operation, preset, turn: (before?.turn ?? 0) + 1 }))
    article.current?.scrollIntoView({ block: 'start' })
  }
  /** Back to the button that opened the form; its own, or the menu that holds it. */
  const shut = () => {
    const button = (name?: string) =>
      name && article.current?.querySelector<HTMLElement>(`[data-operation="${name}"]`)
    setForm(null)
    const opener = button(form?.operation.operation) || button('more')
    if (opener) opener.focus()
  }

  async function next() {
    try {
      const found = await nextWaiting(id)
      if (found === null) void message.info(t('next_none'))
      else onMove(found)
    } catch (problem) {
      void message.error(said(problem))
    }
  }

  async function settle(operation: Operation) {
    setForm(null)
    await onStale()
    void client.invalidateQueries({ queryKey: ['case-suggestions', id] })
    // What waits is one less at once; the news of it comes when the server has told everybody.
    void client.invalidateQueries({ queryKey: WORK })
    setDone(operation)
  }
  useKeys({ next: () => void next(), ...(form ? { leave: shut } : {}) })

  const person = me ? { id: me.user.id, name: me.user.display_name || me.user.username } : null
  const pictures = useMemo(() => picturesOf(detail), [detail])
  const merge = detail.operations.find((each) => each.operation === 'merge')
  const drafts = person ? draftsOf(person.id, id) : new Set<string>()
  return (
    <article
      ref={article}
      className="case"
      aria-label={detail.number ?? t('no_number', { id: String(id) })}
    >
      <Head detail={detail} onClose={onClose} onMove={onMove}>
        <Others others={others} />
      </Head>
      <OperationBar
        operations={detail.operations}
        open={form?.operation.operation ?? null}
        drafts={drafts}
        onOpen={(operation) =>
          form?.operation.operation === operation.operation ? shut() : open(operation)
        }
      />
      {form && person && (
        <OperationForm
          key={`${form.operation.operation}-${form.turn}`}
          operation={form.operation}
          detail={detail}
          person={person}
          preset={form.preset}
          onClose={shut}
          onDone={(operation) => void settle(operation)}
          onStale={onStale}
        />
      )}
      {done && !form && (
        <Done
          id={id}
          operation={done}
          undo={correction(done.operation, detail.operations)}
          onNext={() => void next()}
          onUndo={open}
          onClose={() => setDone(null)}
        />
      )}
      <div className="case-columns">
        <div>
          <section className="case-words" aria-label={t('f_description')}>
            <p>{detail.description}</p>
          </section>
          <Pictures id={id} pictures={pictures} onOpen={setPhoto} />
          <Timeline detail={detail} onPhoto={setPhoto} />
          <Reports detail={detail} />
        </div>
        <aside>
          <Facts detail={detail} />
          <Clocks detail={detail} />
          <Duties detail={detail} />
          <Related
            detail={detail}
            onMove={onMove}
            onMerge={merge ? (main) => open(merge, { main_id: main }) : null}
          />
        </aside>
      </div>
      {photo && <Viewer pictures={pictures} start={photo} onClose={() => setPhoto(null)} />}
    </article>
  )
}
