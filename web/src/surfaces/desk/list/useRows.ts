/** One page of a list, kept true while the city works. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type LiveState, useLive } from '../../../app/live'
import { Changes, replaced, sortChanges } from './changes'
import { type CaseRow, type RowPage, readAgain, readRows } from './rows'

const BATCH_MS = 1_000
const NONE: ReadonlySet<number> = new Set()
const NO_ROWS: CaseRow[] = []

export interface Rows {
  items: CaseRow[]
  next: string | null
  previous: string | null
  error: unknown
  /** Nothing to show yet. */
  empty: boolean
  /** What is shown is of the filter before. */
  stale: boolean
  /** Cases that changed a moment ago, in place. */
  touched: ReadonlySet<number>
  /** Cases that are still shown although the filter no longer leaves them. */
  left: ReadonlySet<number>
  /** Cases that came into the list since it was read. */
  fresh: ReadonlySet<number>
  again: () => void
}

interface Wish {
  query: string
  cursor: string
  enabled?: boolean
  /** Show what is new at once instead of saying that there is something new. */
  follow?: boolean
  /** After anything of the list changed, at most once a second. */
  onChange?: () => void
}

export function useRows({ query, cursor, enabled = true, follow = false, onChange }: Wish): Rows {
  const client = useQueryClient()
  const key = useMemo(() => ['cases', 'rows', query, cursor], [query, cursor])
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readRows(query, cursor, signal),
    placeholderData: keepPreviousData,
    enabled,
  })
  const [touched, setTouched] = useState(NONE)
  const [left, setLeft] = useState(NONE)
  const [fresh, setFresh] = useState(NONE)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another question, another list
  useEffect(() => {
    setTouched(NONE)
    setLeft(NONE)
    setFresh(NONE)
  }, [query, cursor])

  const again = useCallback(() => {
    setLeft(NONE)
    setFresh(NONE)
    void refetch()
    onChange?.()
  }, [refetch, onChange])

  const latest = useRef({ key, data, query, follow, again, onChange })
  latest.current = { key, data, query, follow, again, onChange }

  const look = useCallback(
    async (ids: number[]) => {
      const { key, data, query, follow, again, onChange } = latest.current
      if (!data) return
      const shown = new Set(data.items.map((row) => row.id))
      const matching = await readAgain(ids, query)
      const sorted = sortChanges(ids, shown, matching)
      const gone = sorted.left.length ? await readAgain(sorted.left) : []
      if (latest.current.key !== key) return
      if (sorted.changed.length + sorted.left.length + sorted.fresh.length === 0) return
      if (follow && sorted.left.length + sorted.fresh.length > 0) {
        again()
        return
      }
      const newer = [...sorted.changed, ...gone]
      client.setQueryData<RowPage>(key, (page) =>
        page ? { ...page, items: replaced(page.items, newer) } : page,
      )
      setTouched(new Set(newer.map((row) => row.id)))
      setLeft((before) => {
        const next = new Set([...before, ...sorted.left])
        for (const row of sorted.changed) next.delete(row.id)
        return next
      })
      setFresh((before) => new Set([...before, ...sorted.fresh]))
      onChange?.()
    },
    [client],
  )

  const state = useChanges(look, enabled)
  const lost = useRef(false)
  useEffect(() => {
    if (state === 'lost') lost.current = true
    // Whatever happened while nobody listened is in the next answer.
    if (state === 'open' && lost.current) {
      lost.current = false
      latest.current.again()
    }
  }, [state])

  return {
    items: data?.items ?? NO_ROWS,
    next: data?.next ?? null,
    previous: data?.previous ?? null,
    error,
    empty: !data,
    stale: isPlaceholderData,
    touched,
    left,
    fresh,
    again,
  }
}

/** Hands the changed cases on, gathered; a question that fails is not asked again. */
function useChanges(look: (ids: number[]) => Promise<void>, enabled: boolean): LiveState {
  const changes = useRef(new Changes())
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const flush = useCallback(() => {
    timer.current = undefined
    if (!changes.current.waiting) return
    look(changes.current.take())
      .catch(() => undefined)
      .finally(() => {
        if (changes.current.waiting) timer.current ??= setTimeout(flush, BATCH_MS)
      })
  }, [look])
  return useLive(
    ['governance.case'],
    (event) => {
      const id = Number(event.subject_id)
      if (event.subject_type !== 'case' || !Number.isSafeInteger(id)) return
      changes.current.add(id)
      timer.current ??= setTimeout(flush, BATCH_MS)
    },
    enabled,
  )
}
