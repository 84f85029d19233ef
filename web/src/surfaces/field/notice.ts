/** A short sentence after something was done. */
import { useSyncExternalStore } from 'react'

const SHOWN_MS = 4_000
const listeners = new Set<() => void>()
let text = ''
let timer: ReturnType<typeof setTimeout> | undefined

function set(next: string): void {
  text = next
  for (const listener of listeners) listener()
}

export function notice(next: string): void {
  clearTimeout(timer)
  set(next)
  timer = setTimeout(() => set(''), SHOWN_MS)
}

export function useNotice(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => text,
  )
}
