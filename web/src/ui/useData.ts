/** One read with its three outcomes, for the pages that do without a query library. */
import { useCallback, useEffect, useRef, useState } from 'react'

export interface Data<T> {
  data: T | undefined
  error: unknown
  loading: boolean
  again: () => void
}

/** Reads when `key` changes (null: not yet); an answer to an older key is dropped. */
export function useData<T>(key: string | null, read: (signal: AbortSignal) => Promise<T>): Data<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; error?: unknown }>({
    key: null,
  })
  const [turn, setTurn] = useState(0)
  const latest = useRef(read)
  latest.current = read
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is the wish to read again
  useEffect(() => {
    if (key === null) return
    const controller = new AbortController()
    latest.current(controller.signal).then(
      (data) => setState({ key, data }),
      (error: unknown) => {
        if (!controller.signal.aborted) setState((before) => ({ ...before, key, error }))
      },
    )
    return () => controller.abort()
  }, [key, turn])
  const again = useCallback(() => setTurn((before) => before + 1), [])
  const current = state.key === key
  return {
    data: current ? state.data : undefined,
    error: current ? state.error : undefined,
    loading: key !== null && !current,
    again,
  }
}
