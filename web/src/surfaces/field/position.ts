/** Where this phone is; asked for only when somebody wants it, or has allowed it before. */
import { useEffect, useSyncExternalStore } from 'react'

export interface Position {
  lon: number
  lat: number
  /** Radius in metres. */
  accuracy: number
  at: number
}

export interface Whereabouts {
  position: Position | null
  state: 'idle' | 'asking' | 'known' | 'denied' | 'unavailable'
}

const REST_AFTER_MS = 2_000
let now: Whereabouts = { position: null, state: 'idle' }
let watch: number | null = null
const listeners = new Set<() => void>()

function set(next: Whereabouts): void {
  now = next
  for (const listener of listeners) listener()
}

function stop(): void {
  if (watch !== null) navigator.geolocation.clearWatch(watch)
  watch = null
}

export function locate(): void {
  if (!('geolocation' in navigator)) {
    set({ position: null, state: 'unavailable' })
    return
  }
  if (watch !== null) return
  set({ ...now, state: now.position ? 'known' : 'asking' })
  watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) =>
      set({
        position: {
          lon: coords.longitude,
          lat: coords.latitude,
          accuracy: coords.accuracy,
          at: timestamp,
        },
        state: 'known',
      }),
    (error) => {
      const denied = error.code === error.PERMISSION_DENIED
      if (denied) stop()
      if (denied || !now.position) {
        set({ position: null, state: denied ? 'denied' : 'unavailable' })
      }
    },
    { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 },
  )
}

/** The position while something on the page shows it. */
export function useWhereabouts(): Whereabouts {
  useEffect(() => {
    let gone = false
    // Not in every browser; without it people press the button.
    navigator.permissions
      ?.query({ name: 'geolocation' })
      .then((permission) => {
        if (permission.state === 'granted' && !gone) locate()
      })
      .catch(() => undefined)
    return () => {
      gone = true
    }
  }, [])
  return useSyncExternalStore(subscribe, () => now)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    // Nobody looks: the receiver rests. Not at once, the next page may look too.
    setTimeout(() => {
      if (listeners.size === 0) stop()
    }, REST_AFTER_MS)
  }
}
