/** A dialog over the page: the browser's own, so that focus, Esc and the reader stay inside. */
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useT } from './words'

interface SheetProps {
  title: string
  onClose: () => void
  foot?: ReactNode
  /** Takes the whole height, for a map or a long list. */
  tall?: boolean
  children: ReactNode
}

export function Sheet({ title, onClose, foot, tall = false, children }: SheetProps) {
  const t = useT()
  const box = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = box.current
    if (!dialog || dialog.open) return
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog
      ref={box}
      className={tall ? 'sheet tall' : 'sheet'}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2 id={heading}>{title}</h2>
        <button type="button" className="button plain" onClick={onClose}>
          {t('close')}
        </button>
      </header>
      <div className="sheet-body">{children}</div>
      {foot && <footer>{foot}</footer>}
    </dialog>
  )
}
