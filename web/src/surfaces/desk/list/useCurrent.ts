/** The row that keys act on: j and k or the arrows move it, o opens it, Enter goes to its page. */
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import { useKeys } from '../keys'
import type { CaseRow } from './rows'

/** The row `by` places further; the first or last one where there is no further. */
export function beside(rows: readonly CaseRow[], id: number | null, by: number): number | null {
  const at = rows.findIndex((row) => row.id === id)
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by
  return rows[Math.min(rows.length - 1, Math.max(0, next))]?.id ?? null
}

interface Wish {
  rows: readonly CaseRow[]
  /** The case that lies open beside the list. */
  open: number | null
  onOpen: (id: number | null) => void
  onRefresh: () => void
  onToggle?: (row: CaseRow) => void
}

export function useCurrent({ rows, open, onOpen, onRefresh, onToggle }: Wish) {
  const navigate = useNavigate()
  const [current, setCurrent] = useState<number | null>(open)
  const shown = rows.some((row) => row.id === current) ? current : null

  const move = (by: number) => {
    const next = beside(rows, shown, by)
    if (next === null) return
    setCurrent(next)
    // An open case follows.
    if (open !== null && open !== next) onOpen(next)
  }
  useKeys({
    down: () => move(1),
    up: () => move(-1),
    drawer: () => {
      if (shown !== null) onOpen(open === shown ? null : shown)
    },
    refresh: onRefresh,
    ...(shown === null
      ? {}
      : {
          select: () => {
            const row = rows.find((each) => each.id === shown)
            if (row) onToggle?.(row)
          },
        }),
    enter: (event) => {
      const target = event.target instanceof Element ? event.target : null
      // On a button or a link Enter is that one's own.
      if (target?.closest('a, button')) {
        if (target instanceof HTMLElement) target.click()
        return
      }
      if (shown !== null) void navigate({ to: '/cases/$id', params: { id: String(shown) } })
    },
  })
  const choose = useCallback((id: number) => setCurrent(id), [])
  return { current: shown, choose }
}
