/** Two rooms side by side with a bar between them, moved by hand or by arrow keys. */
import { type ReactNode, useEffect, useRef, useState } from 'react'

interface SplitterProps {
  /** Share of the first room, 0.25–0.8. */
  share: number
  onShare: (share: number) => void
  label: string
  first: ReactNode
  /** Absent: the first room has all of it. */
  second: ReactNode | null
}

const LEAST = 0.25
const MOST = 0.8

function within(share: number): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, share)) * 1000) / 1000
}

export function Splitter({ share, onShare, label, first, second }: SplitterProps) {
  const box = useRef<HTMLDivElement>(null)
  const [drawn, setDrawn] = useState(share)
  useEffect(() => setDrawn(share), [share])
  if (!second) return <div className="split">{first}</div>
  const percent = `${drawn * 100}%`
  return (
    <div className="split" ref={box} style={{ gridTemplateColumns: `${percent} 12px 1fr` }}>
      {first}
      <div
        className="split-bar"
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation="vertical"
        aria-valuemin={LEAST * 100}
        aria-valuemax={MOST * 100}
        aria-valuenow={Math.round(drawn * 100)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -0.03, ArrowRight: 0.03 }[event.key]
          if (step === undefined) return
          event.preventDefault()
          onShare(within(drawn + step))
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          event.preventDefault()
        }}
        onPointerMove={(event) => {
          const room = box.current?.getBoundingClientRect()
          if (!room || !event.currentTarget.hasPointerCapture(event.pointerId)) return
          setDrawn(within((event.clientX - room.left) / room.width))
        }}
        onPointerUp={(event) => {
          event.currentTarget.releasePointerCapture(event.pointerId)
          if (drawn !== share) onShare(drawn)
        }}
      />
      {second}
    </div>
  )
}
