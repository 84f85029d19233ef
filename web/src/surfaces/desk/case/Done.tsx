/** What was just done, in the place of its form, with what may follow: it covers nothing and stays
 * until something else is begun. */
import { CheckCircleFilled, CloseOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useRef } from 'react'
import { WORK } from '../waiting/counts'
import { nameOf } from './OperationBar'
import type { Operation } from './shape'
import { nextWaiting } from './useCase'
import { useT } from './words'

interface DoneProps {
  id: number
  operation: Operation
  /** What would take it back. */
  undo: Operation | null
  onNext: () => void
  onUndo: (operation: Operation) => void
  onClose: () => void
}

export function Done({ id, operation, undo, onNext, onUndo, onClose }: DoneProps) {
  const t = useT()
  // Asked anew whenever the counts of what waits are: others take work away meanwhile.
  const { data: next, isError } = useQuery({
    queryKey: [...WORK, 'next', id],
    queryFn: () => nextWaiting(id),
  })
  const strip = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The focus went with the form.
    if (document.activeElement === document.body) strip.current?.focus()
    else strip.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div ref={strip} className="case-done" role="status" tabIndex={-1}>
      <CheckCircleFilled aria-hidden="true" />
      <strong>{t('done', { name: nameOf(operation) })}</strong>
      {next === null && <span className="soft">{t('next_none')}</span>}
      {(next !== undefined && next !== null) || isError ? (
        <Button size="small" type="primary" aria-keyshortcuts="n" onClick={onNext}>
          {t('next')}{' '}
          <span className="case-key" aria-hidden="true">
            N
          </span>
        </Button>
      ) : null}
      {undo && (
        <Button size="small" onClick={() => onUndo(undo)}>
          {nameOf(undo)}
        </Button>
      )}
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t('done_close')}
        title={t('done_close')}
        onClick={onClose}
      />
    </div>
  )
}
