/** A button that shows a small panel below it: Esc and a click elsewhere close it. */
import { type ReactNode, useEffect, useRef, useState } from 'react'

interface MenuProps {
  /** What the button shows; `name` is what it is called where that is not text enough. */
  label: ReactNode
  name?: string
  className?: string
  align?: 'start' | 'end'
  children: (close: () => void) => ReactNode
}

export function Menu({ label, name, className = 'tool', align = 'start', children }: MenuProps) {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!open) return
    const outside = (event: PointerEvent) => {
      const target = event.target
      if (target instanceof Node && !box.current?.contains(target)) setOpen(false)
    }
    const leave = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('keydown', leave, true)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('keydown', leave, true)
    }
  }, [open])
  function close() {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <div className="menu" ref={box}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-expanded={open}
        aria-label={name}
        title={name}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && <div className={`menu-panel ${align}`}>{children(close)}</div>}
    </div>
  )
}
