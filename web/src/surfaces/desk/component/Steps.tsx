/** What whoever looks may do with a component now; the server says. */
import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useState } from 'react'
import { send } from '../../../api/client'
import { type ComponentDetail, componentAt } from '../../../api/components'
import { said } from '../../../api/problem'
import { Menu } from '../Menu'
import { statesAfter } from './change'
import { componentKey } from './useComponent'
import { useT, word } from './words'

interface StepsProps {
  detail: ComponentDetail
  editing: boolean
  onEdit: () => void
}

export function Steps({ detail, editing, onEdit }: StepsProps) {
  const t = useT()
  const client = useQueryClient()
  const { message, modal } = App.useApp()
  const [busy, setBusy] = useState(false)
  const { code, may, state, version } = detail
  const at = componentAt(code)

  async function step(path: string, method: string, body: unknown, done: string) {
    setBusy(true)
    try {
      await send(path, {
        method,
        headers: { 'Content-Type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      void message.success(done)
    } catch (error) {
      void message.error(said(error))
    }
    await client.invalidateQueries({ queryKey: componentKey(code) })
    void client.invalidateQueries({ queryKey: ['components'] })
    setBusy(false)
  }
  const become = (next: string) =>
    step(at, 'PATCH', { state: next, version }, t('now_is', { state: word('state', next) }))
  const restore = (next: string) =>
    step(`${at}/restore`, 'POST', { state: next }, t('now_is', { state: word('state', next) }))

  function remove() {
    void modal.confirm({
      title: t('remove_ask', { name: detail.name, code }),
      content: t('remove_say'),
      okText: t('remove'),
      cancelText: t('cancel'),
      okButtonProps: { danger: true },
      onOk: () => step(at, 'DELETE', undefined, t('removed')),
    })
  }

  if (!may.change && !may.remove && !may.restore) return null
  return (
    <div className="component-steps">
      {may.change && (
        <>
          <Menu label={t('change_state')} className="tool">
            {(close) =>
              statesAfter(state).map((next) => (
                <button
                  key={next}
                  type="button"
                  className="row"
                  disabled={busy}
                  onClick={() => {
                    close()
                    void become(next)
                  }}
                >
                  {word('state', next)}
                </button>
              ))
            }
          </Menu>
          <button type="button" className="tool" aria-expanded={editing} onClick={onEdit}>
            {t('edit')}
          </button>
        </>
      )}
      {may.restore &&
        (['intact', 'damaged'] as const).map((next) => (
          <button
            key={next}
            type="button"
            className="tool"
            disabled={busy}
            onClick={() => void restore(next)}
          >
            {t('restore_as', { state: word('state', next) })}
          </button>
        ))}
      {may.remove && (
        <button type="button" className="tool danger" disabled={busy} onClick={remove}>
          {t('remove')}
        </button>
      )}
    </div>
  )
}
