/** The patrol under way: survives a reload, is only ever started by the person. */
import { useEffect, useSyncExternalStore } from 'react'
import { metres } from '../distance'
import { leaveToWorker, offerTrack } from '../store/running'
import { addPoint, isNews, type Point } from '../store/track'

export interface Patrol {
  /** ISO time of the start; null: not on patrol. */
  since: string | null
  metres: number
}

const KEY = 'chengyun.field.patrol'
const SEND_EVERY_MS = 60_000
/** A fix this bad (metres) says nothing about where somebody walked. */
const WORST_ACCURACY = 100
const listeners = new Set<() => void>()
let now: Patrol = { since: null, metres: 0 }
let owner: number | null = null
let last: Point | null = null
let watch: number | null = null
let timer: ReturnType<typeof setInterval> | undefined
let unseen: (() => void) | undefined

function set(next: Patrol): void {
  now = next
  try {
    if (next.since && owner !== null) {
      localStorage.setItem(KEY, JSON.stringify({ ...next, owner }))
    } else localStorage.removeItem(KEY)
  } catch {
    // The patrol then ends with the page.
  }
  tell()
}

function tell(): void {
  for (const listener of listeners) listener()
}

function restored(person: number): Patrol {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return { since: null, metres: 0 }
    const { since, metres: walked, owner: whose } = { since: null, metres: 0, owner: 0, ...kept }
    if (whose !== person || typeof since !== 'string') return { since: null, metres: 0 }
    return { since, metres: Number(walked) || 0 }
  } catch {
    return { since: null, metres: 0 }
  }
}

function record(person: number): void {
  watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      if (coords.accuracy > WORST_ACCURACY) return
      const point = {
        at: new Date(timestamp).toISOString(),
        lon: coords.longitude,
        lat: coords.latitude,
        accuracy_m: Math.round(coords.accuracy),
      }
      if (!isNews(last, point)) return
      if (last) set({ ...now, metres: now.metres + metres(last, point) })
      last = point
      // Whoever shows how many wait counts anew.
      void addPoint(person, point).then(() => {
        now = { ...now }
        tell()
        if (!navigator.onLine) void leaveToWorker(person, true)
      })
    },
    () => undefined,
    { enableHighAccuracy: true, maximumAge: 5_000 },
  )
  timer = setInterval(() => void offerTrack(person), SEND_EVERY_MS)
  // A page that nobody sees may be closed without another word.
  unseen = () => {
    if (document.hidden) void leaveToWorker(person, true)
  }
  document.addEventListener('visibilitychange', unseen)
}

function rest(): void {
  if (watch !== null) navigator.geolocation.clearWatch(watch)
  clearInterval(timer)
  if (unseen) document.removeEventListener('visibilitychange', unseen)
  watch = null
  last = null
}

export function startPatrol(): void {
  if (owner === null || watch !== null || !('geolocation' in navigator)) return
  set({ since: new Date().toISOString(), metres: 0 })
  record(owner)
}

export function stopPatrol(): void {
  rest()
  set({ since: null, metres: 0 })
  if (owner !== null) void offerTrack(owner)
}

/** Draws nothing: while it is mounted a patrol that was under way goes on. */
export function Patrol({ person }: { person: number }): null {
  useEffect(() => {
    owner = person
    set(restored(person))
    if (now.since && 'geolocation' in navigator) record(person)
    return () => {
      rest()
      owner = null
    }
  }, [person])
  return null
}

export function usePatrolState(): Patrol {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )
}
