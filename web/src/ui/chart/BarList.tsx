/**
 * Names with a bar and a number, in plain HTML: for rankings that are read and tapped. Needs no
 * ECharts; rows with `href` are links.
 */
import './chart.css'
import type { MouseEvent } from 'react'
import { locale } from '../../app/language'

export interface BarRow {
  key: string
  name: string
  /** What the bar shows; null for unknown. */
  value: number | null
  /** The number as it is written. */
  text: string
  /** Read after the number, in words. */
  note?: string
  tone?: 'over' | 'new' | 'done' | 'accent'
  href?: string
}

/** The rows and, where they do not make up the whole, one more for what they leave out. */
export function withRest(rows: readonly BarRow[], whole: number, name: string): BarRow[] {
  const rest = whole - rows.reduce((sum, row) => sum + (row.value ?? 0), 0)
  if (rest <= 0) return [...rows]
  return [...rows, { key: 'rest', name, value: rest, text: rest.toLocaleString(locale()) }]
}

interface BarListProps {
  label: string
  rows: readonly BarRow[]
  /** The length of a full bar; otherwise the largest value. */
  most?: number
  onFollow?: (event: MouseEvent<HTMLAnchorElement>) => void
}

export function BarList({ label, rows, most, onFollow }: BarListProps) {
  const full = most ?? Math.max(1, ...rows.map((row) => row.value ?? 0))
  return (
    <ul className="bars" aria-label={label}>
      {rows.map((row) => {
        const inside = (
          <>
            <span className="bars-name" title={row.name}>
              {row.name}
            </span>
            <progress
              className={`bars-bar${row.tone ? ` tone-${row.tone}` : ''}`}
              aria-hidden="true"
              value={Math.max(0, Math.min(full, row.value ?? 0))}
              max={full}
            />
            <span className="bars-text num">{row.text}</span>
            {row.note && <span className="bars-note">{row.note}</span>}
          </>
        )
        return (
          <li key={row.key}>
            {row.href ? (
              <a href={row.href} onClick={onFollow}>
                {inside}
              </a>
            ) : (
              <div>{inside}</div>
            )}
          </li>
        )
      })}
    </ul>
  )
}
