/** Answers that can be read again without a network, each with the time it was given. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { database } from './database'

export interface Kept<T> {
  data: T
  at: number
}

/** The only place where what was stored is believed to be what was stored. */
export async function recall<T>(owner: number, key: string): Promise<Kept<T> | null> {
  const found = await (await database()).get('kept', `${owner}:${key}`)
  return found ? { data: found.data as T, at: found.at } : null
}

export async function keep(owner: number, key: string, data: unknown): Promise<void> {
  await (await database()).put('kept', { key: `${owner}:${key}`, owner, at: Date.now(), data })
}

export interface Reading<T> {
  data: T | undefined
  /** When `data` was said by the server; null while unknown. */
  at: number | null
  /** The last read failed; `data` may still be there from before. */
  error: unknown
  loading: boolean
  again: () => void
}

/** What was kept is shown at once, what the server says now replaces it. */
export function useKept<T>(
  owner: number,
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
): Reading<T> {
  type State = { key: string; data?: T; at: number | null; error?: unknown; loading: boolean }
  const [state, setState] = useState<State>({ key, at: null, loading: true })
  const [turn, setTurn] = useState(0)
  const latest = useRef(read)
  latest.current = read
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is the wish to read again
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    let answered = false
    recall<T>(owner, key).then((kept) => {
      if (kept && !answered && !signal.aborted) {
        setState((now) => ({ ...now, key, data: kept.data, at: kept.at }))
      }
    })
    latest.current(signal).then(
      async (data) => {
        answered = true
        if (signal.aborted) return
        setState({ key, data, at: Date.now(), loading: false })
        await keep(owner, key, data)
      },
      (error: unknown) => {
        if (!signal.aborted) setState((now) => ({ ...now, key, error, loading: false }))
      },
    )
    return () => controller.abort()
  }, [owner, key, turn])
  const again = useCallback(() => setTurn((before) => before + 1), [])
  const current = state.key === key
  return {
    data: current ? state.data : undefined,
    at: current ? state.at : null,
    error: current ? state.error : undefined,
    loading: !current || state.loading,
    again,
  }
}

/** Another person signed in, or somebody signed out: nothing that was read stays. What was
 * written (outbox, drafts) is its writer's and stays. */
export async function forgetKept(): Promise<void> {
  await (await database()).clear('kept')
}
