/** A number with its name and what it is compared with; tapped, it opens what it counts. */
import type { ReactNode } from 'react'
import { follow } from '../../ui/path'

interface FigureProps {
  name: string
  value: string
  /** Against what: in words, its tone says good or bad. */
  note?: ReactNode
  tone?: 'good' | 'bad'
  /** What the number is, for a name that several could bear. */
  says?: string
  href?: string
}

export function Figure({ name, value, note, tone, says, href }: FigureProps) {
  const inside = (
    <>
      <span className="figure-name">{name}</span>
      <strong className={`num${tone === 'bad' ? ' bad' : ''}`}>{value}</strong>
      {note && <span className={`figure-note${tone ? ` ${tone}` : ''}`}>{note}</span>}
    </>
  )
  return href ? (
    <a className="figure" href={href} title={says} onClick={follow}>
      {inside}
    </a>
  ) : (
    <div className="figure" title={says}>
      {inside}
    </div>
  )
}
