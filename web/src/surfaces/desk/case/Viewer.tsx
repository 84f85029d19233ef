/** One photo as large as the window, or before and after beside each other; by keys and by mouse. */
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { photo } from '../../../api/client'
import { type Name, pressed } from '../shortcuts'
import type { Picture } from './pictures'
import { useT, word } from './words'
import './viewer.css'

interface ViewerProps {
  pictures: readonly Picture[]
  /** The key of the photo to begin with. */
  start: string
  onClose: () => void
}

const FIT = { scale: 1, x: 0, y: 0 }

export function Viewer({ pictures, start, onClose }: ViewerProps) {
  const t = useT()
  const dialog = useRef<HTMLDialogElement>(null)
  const first = pictures.findIndex((each) => each.key === start)
  const [index, setIndex] = useState(Math.max(0, first))
  const [look, setLook] = useState(FIT)
  const [beside, setBeside] = useState(false)
  const drag = useRef<{ x: number; y: number } | null>(null)
  const shown = pictures[index]
  const before = pictures.find((each) => each.group === 'before')
  const after = pictures.filter((each) => each.group === 'after').at(-1)

  useEffect(() => {
    const back = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (back instanceof HTMLElement) back.focus()
    }
  }, [])

  const turn = (by: number) => {
    setIndex((now) => (now + by + pictures.length) % pictures.length)
    setLook(FIT)
    setBeside(false)
  }
  const zoom = (by: number) =>
    setLook((now) => {
      const scale = Math.min(8, Math.max(1, now.scale * by))
      return scale === 1 ? FIT : { ...now, scale }
    })
  const acts: [Name, () => void][] = [
    ['photo_next', () => turn(1)],
    ['photo_back', () => turn(-1)],
    ['larger', () => zoom(1.4)],
    ['smaller', () => zoom(1 / 1.4)],
    ['fit', () => setLook(FIT)],
    ['leave', onClose],
  ]
  const move = (event: PointerEvent) => {
    const from = drag.current
    if (!from || look.scale === 1) return
    drag.current = { x: event.clientX, y: event.clientY }
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
    setLook((now) => ({ ...now, x: now.x + dx, y: now.y + dy }))
  }
  const picture = (each: Picture) => (
    <figure key={each.key}>
      <img
        src={photo(each.key, look.scale > 1.5 ? undefined : 'medium')}
        alt={t('p_open', { n: each.n, group: word('p', each.group) })}
        draggable={false}
        style={{ transform: `translate(${look.x}px, ${look.y}px) scale(${look.scale})` }}
      />
      <figcaption>
        {word('p', each.group)} <span className="num">{each.n}</span>
      </figcaption>
    </figure>
  )
  if (!shown) return null
  return (
    <dialog
      ref={dialog}
      className="case-viewer"
      aria-label={t('v_title')}
      onClose={onClose}
      onKeyDown={(event) => {
        const act = acts.find(([name]) => pressed(event, name) >= 0)?.[1]
        if (!act) return
        event.preventDefault()
        event.stopPropagation()
        event.nativeEvent.stopImmediatePropagation()
        act()
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the mouse's way; keys and buttons do the same */}
      <div
        className="case-viewer-stage"
        onWheel={(event) => zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2)}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, y: event.clientY }
        }}
        onPointerMove={move}
        onPointerUp={() => {
          drag.current = null
        }}
        onDoubleClick={() => setLook((now) => (now.scale > 1 ? FIT : { ...FIT, scale: 2.5 }))}
      >
        {beside && before && after ? [before, after].map(picture) : picture(shown)}
      </div>
      <div className="case-viewer-bar">
        <button type="button" onClick={() => turn(-1)} disabled={pictures.length < 2}>
          {t('v_previous')}
        </button>
        <span className="num" aria-live="polite">
          {t('p_of', { n: index + 1, count: pictures.length })}
        </span>
        <button type="button" onClick={() => turn(1)} disabled={pictures.length < 2}>
          {t('v_next')}
        </button>
        <button type="button" onClick={() => zoom(1.4)}>
          {t('v_in')}
        </button>
        <button type="button" onClick={() => zoom(1 / 1.4)}>
          {t('v_out')}
        </button>
        {before && after && (
          <button type="button" aria-pressed={beside} onClick={() => setBeside(!beside)}>
            {t('p_compare')}
          </button>
        )}
        <a href={photo(shown.key)} target="_blank" rel="noreferrer">
          {t('v_original')}
        </a>
        <span className="case-viewer-help">{t('v_help')}</span>
        <button type="button" onClick={onClose}>
          {t('v_close')}
        </button>
      </div>
    </dialog>
  )
}
