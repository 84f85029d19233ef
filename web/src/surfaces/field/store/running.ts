/** The outbox as the pages see it, and when it is sent. */
import { useEffect, useSyncExternalStore } from 'react'
import { isAway } from '../../../api/problem'
import { useLanguage } from '../../../app/language'
import { arrive } from './here'
import type { Item } from './item'
import { items, ofOthers, onOutbox } from './outbox'
import { leaveToWorker } from './sync'

export { leaveToWorker }

export interface Running {
  items: readonly Item[]
  /** Of other people, kept on this phone. */
  others: number
  signedOut: boolean
  /** The last thing sent found no server; said by the browser too when it has no network. */
  unreachable: boolean
}

const AGAIN_MS = 10_000
const QUIET: Running = { items: [], others: 0, signedOut: false, unreachable: false }
const listeners = new Set<() => void>()
let now: Running = QUIET
let current: number | null = null
let timer: ReturnType<typeof setTimeout> | undefined
/** Pages that show what the server said read it anew after something was sent. */
const arrivals = new Set<() => void>()
/** What had arrived when the outbox was last read; null: not read yet. */
let arrived: Set<number | undefined> | null = null

function set(change: Partial<Running>): void {
  now = { ...now, ...change }
  for (const listener of listeners) listener()
}

async function reread(): Promise<void> {
  if (current === null) return
  const [mine, others] = await Promise.all([items(current), ofOthers(current)])
  set({ items: mine, others })
  // Whoever sent it: this page, another tab or the worker.
  const before = arrived
  arrived = new Set(mine.flatMap((item) => (item.state === 'sent' ? [item.seq] : [])))
  if (before && ![...arrived].every((seq) => before.has(seq))) {
    for (const arrival of arrivals) arrival()
  }
}

/** Sends what waits. `hurry`: now, whatever the pause was. */
export async function kick(hurry = false): Promise<void> {
  const owner = current
  if (owner === null) return
  clearTimeout(timer)
  if (!navigator.onLine) {
    set({ unreachable: true })
    await leaveToWorker(owner)
    return
  }
  // Not on the first page: nothing can be sent before the network has brought it either.
  const sending = await import('./sender').catch(() => null)
  if (!sending) {
    set({ unreachable: true })
    void leaveToWorker(owner)
    timer = setTimeout(() => void kick(), AGAIN_MS)
    return
  }
  const sent = sending.flush(owner, hurry)
  // After the page has asked for its turn: the worker's comes next, and finds what a page that was
  // closed meanwhile has left.
  void leaveToWorker(owner)
  const round = await sent
  if (current !== owner) return
  if (!round.unreachable && !round.signedOut) await offerTrack(owner)
  set({ signedOut: round.signedOut, unreachable: round.unreachable })
  await reread()
  if (round.next !== null) {
    timer = setTimeout(() => void kick(), Math.max(500, round.next - Date.now()))
  }
}

/** Sends the patrol's track; what finds no network is left to the worker. */
export async function offerTrack(owner: number): Promise<void> {
  try {
    await (await import('./track')).sendTrack(owner)
  } catch (error) {
    if (isAway(error)) await leaveToWorker(owner, true)
  }
}

/** Runs while a person is here. */
export function useSender(owner: number): void {
  const spoken = useLanguage()
  useEffect(() => {
    current = owner
    const back = () => {
      set({ unreachable: false })
      void kick(true)
    }
    const gone = () => set({ unreachable: true })
    const seen = () => {
      if (!document.hidden) void kick()
    }
    const stop = onOutbox(() => void reread())
    window.addEventListener('online', back)
    window.addEventListener('offline', gone)
    document.addEventListener('visibilitychange', seen)
    void reread()
    return () => {
      current = null
      clearTimeout(timer)
      stop()
      window.removeEventListener('online', back)
      window.removeEventListener('offline', gone)
      document.removeEventListener('visibilitychange', seen)
      now = QUIET
      arrived = null
    }
  }, [owner])
  useEffect(() => {
    void arrive({ owner, language: spoken }).then(() => kick())
  }, [owner, spoken])
}

export function useOutbox(): Running {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )
}

export function useArrival(then: () => void): void {
  useEffect(() => {
    arrivals.add(then)
    return () => {
      arrivals.delete(then)
    }
  }, [then])
}
