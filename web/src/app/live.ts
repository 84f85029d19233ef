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
const RETRY_MS = 10_000
/** A page nobody looks at lets its stream go after this long. */
const HIDDEN_MS = 60_000

interface Listener {
  handle: (event: LiveEvent) => void
  tell: (state: LiveState) => void
}

/**
 * One connection for everybody on the page who asks for the same kinds: a browser gives a host
 * only six (HTTP/1.1), and a desk has several tabs. For the same reason a tab in the background
 * lets go; whoever listens sees `lost` and then `open`, the sign to read anew.
 */
class Stream {
  readonly listeners = new Set<Listener>()
  state: LiveState = 'connecting'
  private source: EventSource | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  private hiding: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly query: string) {
    this.open()
    document.addEventListener('visibilitychange', this.seen)
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.seen)
    clearTimeout(this.hiding)
    this.drop()
  }

  private open(): void {
    this.drop()
    const source = new EventSource(`/live?kinds=${encodeURIComponent(this.query)}&unnamed=1`)
    this.source = source
    source.onopen = () => this.become('open')
    source.addEventListener(KINDS_ALL, (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as LiveEvent
      for (const listener of [...this.listeners]) listener.handle(event)
    })
    source.onerror = () => {
      this.become('lost')
      // The browser reconnects by itself unless the server refused (a session that ended).
      if (source.readyState !== EventSource.CLOSED) return
      this.drop()
      this.retry = setTimeout(() => this.open(), RETRY_MS)
    }
  }

  private drop(): void {
    clearTimeout(this.retry)
    this.source?.close()
    this.source = undefined
  }

  private become(state: LiveState): void {
    this.state = state
    for (const listener of [...this.listeners]) listener.tell(state)
  }

  private readonly seen = (): void => {
    clearTimeout(this.hiding)
    if (document.hidden) {
      this.hiding = setTimeout(() => {
        this.drop()
        this.become('lost')
      }, HIDDEN_MS)
    } else if (!this.source) {
      this.open()
    }
  }
}

const streams = new Map<string, Stream>()

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
    const stream = streams.get(query) ?? new Stream(query)
    streams.set(query, stream)
    const listener: Listener = { handle: (event) => latest.current(event), tell: setState }
    stream.listeners.add(listener)
    setState(stream.state)
    return () => {
      stream.listeners.delete(listener)
      if (stream.listeners.size > 0) return
      stream.close()
      streams.delete(query)
    }
  }, [query, enabled])
  return state
}
