/** Makes the day available by itself, some seconds after the start, not more than twice an hour. */
import { useEffect, useSyncExternalStore } from 'react'
import { said } from '../../../api/problem'
import type { Me } from '../../../api/session'
import { NEVER, type Prepared, type Progress, prepared } from './prepared'

export interface Today {
  made: Prepared
  progress: Progress | null
  problem: string
}

const AFTER_MS = 3_000
const EVERY_MS = 30 * 60_000
const listeners = new Set<() => void>()
let now: Today = { made: NEVER, progress: null, problem: '' }
let running: AbortController | null = null

function set(change: Partial<Today>): void {
  now = { ...now, ...change }
  for (const listener of listeners) listener()
}

export async function makeToday(me: Me): Promise<void> {
  if (running) return
  const controller = new AbortController()
  running = controller
  set({ problem: '', progress: { phase: 'tasks', done: 0, of: 0 } })
  try {
    const { prepare } = await import('./prepare')
    const made = await prepare(me, (progress) => set({ progress }), controller.signal)
    set({ made, progress: null })
  } catch (error) {
    if (!controller.signal.aborted) set({ progress: null, problem: said(error) })
  } finally {
    if (running === controller) running = null
  }
}

export function useToday(me: Me): void {
  const owner = me.user.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: one person, whatever object says so
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      timer = setTimeout(look, EVERY_MS)
      const fresh = now.made.at !== null && now.made.at > Date.now() - EVERY_MS
      if (navigator.onLine && !document.hidden && !fresh) void makeToday(me)
    }
    prepared(owner).then((made) => set({ made, problem: '' }))
    timer = setTimeout(look, AFTER_MS)
    window.addEventListener('online', look)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('online', look)
      running?.abort()
      running = null
      now = { made: NEVER, progress: null, problem: '' }
    }
  }, [owner])
}

export function useTodayState(): Today {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )
}
