/**
 * What a person writes again and again, by operation: offered at the next form. Kept with the
 * person on the server, so that it is there at another desk too.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, send, take } from '../../../api/client'

interface Phrase {
  text: string
  times: number
}
export type Phrases = Record<string, Phrase[]>

const KEY = 'desk.phrases'
const LONGEST = 100
const MOST = 8
/** The server keeps 32 kB; three bytes for a Chinese character. */
const ROOM = 10_000

/** The phrases with one more use of `text`; the most used first, the whole not above its room. */
export function used(phrases: Phrases, operation: string, text: string): Phrases {
  const words = text.trim()
  if (!words || words.length > LONGEST) return phrases
  const before = phrases[operation] ?? []
  const times = (before.find((each) => each.text === words)?.times ?? 0) + 1
  const others = before.filter((each) => each.text !== words)
  const own = [{ text: words, times }, ...others].sort((a, b) => b.times - a.times)
  // The newest stays even where all others were used more often.
  const kept = own.slice(0, MOST)
  if (!kept.some((each) => each.text === words)) kept.splice(-1, 1, { text: words, times })
  // Newest operation last; where the room is full the one that rested longest goes.
  const rest = Object.entries(phrases).filter(([name]) => name !== operation)
  const next: [string, Phrase[]][] = [...rest, [operation, kept]]
  while (next.length > 1 && JSON.stringify(Object.fromEntries(next)).length > ROOM) next.shift()
  return Object.fromEntries(next)
}

function isPhrases(value: unknown): value is Phrases {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      (list) =>
        Array.isArray(list) &&
        list.every((each) => typeof each?.text === 'string' && typeof each.times === 'number'),
    )
  )
}

export function usePhrases(operation: string) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: ['phrases'],
    queryFn: async ({ signal }): Promise<Phrases> => {
      const all: Record<string, unknown> = await take(api.GET('/api/me/preferences', { signal }))
      const kept = all[KEY]
      return isPhrases(kept) ? kept : {}
    },
    staleTime: 10 * 60_000,
    retry: false,
  })
  const known = query.data ?? {}
  /** A convenience: a form that was sent never fails for it. */
  const note = (text: string) => {
    const next = used(known, operation, text)
    if (next === known) return
    client.setQueryData(['phrases'], next)
    send(`/api/me/preferences/${KEY}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(next),
    }).catch(() => undefined)
  }
  return { phrases: (known[operation] ?? []).slice(0, 6).map((each) => each.text), note }
}
