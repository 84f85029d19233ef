/**
 * Reads that are still there without a network: the last answer is kept in this browser with its
 * time. Only numbers are kept this way, nothing about a single case or a person.
 */
import { useMemo } from 'react'
import { useData } from '../../ui/useData'

const PREFIX = 'chengyun.leader.'

interface Kept<T> {
  /** When it was read, milliseconds. */
  at: number
  data: T
}

export interface Known<T> {
  data: T | undefined
  at: number | null
  /** False: what is shown is of before. */
  fresh: boolean
  error: unknown
  loading: boolean
  again: () => void
}

/** `key` holds who asks, so that nobody sees another's numbers; null: not yet. */
export function useKept<T>(
  key: string | null,
  read: (signal: AbortSignal) => Promise<T>,
): Known<T> {
  const before = useMemo(() => (key === null ? null : recall<T>(key)), [key])
  const asked = useData<Kept<T>>(key, async (signal) => {
    const kept = { at: Date.now(), data: await read(signal) }
    if (key !== null) keep(key, kept)
    return kept
  })
  const shown = asked.data ?? before
  return {
    data: shown?.data,
    at: shown?.at ?? null,
    fresh: !!asked.data && !asked.error,
    error: asked.error,
    loading: asked.loading,
    again: asked.again,
  }
}

function recall<T>(key: string): Kept<T> | null {
  try {
    const text = localStorage.getItem(PREFIX + key)
    if (!text) return null
    const found: unknown = JSON.parse(text)
    const whole = typeof found === 'object' && found !== null && 'at' in found && 'data' in found
    return whole ? (found as Kept<T>) : null
  } catch {
    return null
  }
}

function keep<T>(key: string, kept: Kept<T>): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(kept))
  } catch {
    // A full or forbidden storage costs only the numbers without a network.
  }
}

/** Everything kept, when somebody signs out. Drafts stay: they are typed words. */
export function forgetKept(): void {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX) && !name.startsWith(`${PREFIX}draft.`)) {
        localStorage.removeItem(name)
      }
    }
  } catch {
    // Nothing was kept.
  }
}
