/** Domain events of the server, as they happen (`/live`, Server-Sent Events). */
import { useEffect, useRef, useState } from 'react'

export interface LiveEvent {
  kind: string
  subject_type: string
  subject_id: string
  at: string
  payload: Record<string, unknown>
}

export type LiveState = 'connecting' | 'open' | 'lost'
const KINDS_ALL = 'message'

/**
 * Calls `handle` for every event whose kind starts with one of `kinds`. Returns whether the
 * stream stands. The browser reconnects by itself and the server replays what was missed;
 * when the server refuses (a session that ended) it is tried again after ten seconds.
 */
export function useLive(
  kinds: readonly string[],
  handle: (event: LiveEvent) => void,
  enabled = true,
): LiveState {
  const [state, setState] = useState<LiveState>('connecting')
  const latest = useRef(handle)
  latest.current = handle
  const query = kinds.join(',')
  useEffect(() => {
    if (!enabled) return
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const receive = (message: MessageEvent<string>) => {
      latest.current(JSON.parse(message.data) as LiveEvent)
    }
    const open = () => {
      source = new EventSource(`/live?kinds=${encodeURIComponent(query)}&unnamed=1`)
      source.onopen = () => setState('open')
      source.addEventListener(KINDS_ALL, receive)
      source.onerror = () => {
        setState('lost')
        if (source?.readyState === EventSource.CLOSED) {
          source.close()
          timer = setTimeout(open, 10_000)
        }
      }
    }
    open()
    return () => {
      source?.close()
      clearTimeout(timer)
    }
  }, [query, enabled])
  return state
}
