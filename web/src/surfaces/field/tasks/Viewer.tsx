/** One photo at the size of the screen; Esc and the arrows work. */
import { useEffect, useRef } from 'react'
import { photo } from '../../../api/client'
import { useT } from '../words'

interface ViewerProps {
  keys: readonly string[]
  at: number
  onMove: (at: number) => void
  onClose: () => void
}

export function Viewer({ keys, at, onMove, onClose }: ViewerProps) {
  const t = useT()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const key = keys[at]
  const move = (by: number) => {
    const next = at + by
    if (next >= 0 && next < keys.length) onMove(next)
  }
  const name = t('photo_large', { n: at + 1, of: keys.length })
  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={name}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') move(-1)
        if (event.key === 'ArrowRight') move(1)
      }}
    >
      {key && <img src={photo(key, 'medium')} alt={name} />}
      <div className="viewer-bar">
        <button type="button" className="button" disabled={at === 0} onClick={() => move(-1)}>
          {t('previous')}
        </button>
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          {t('close')}
        </button>
        <button
          type="button"
          className="button"
          disabled={at === keys.length - 1}
          onClick={() => move(1)}
        >
          {t('next')}
        </button>
      </div>
    </dialog>
  )
}
