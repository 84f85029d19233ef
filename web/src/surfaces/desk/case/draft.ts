/** Words that were typed and not yet sent: kept in this browser, apart for every person. */

const PREFIX = 'chengyun.draft'

export interface Draft {
  /** The version of the case that the form was opened on. */
  version: number
  values: unknown
  /** What was sent without an answer: sent again under the same key it is done once. */
  sent?: Sent
}

export interface Sent {
  key: string
  body: string
}

/** The key under which a body goes out: its own one again, a new one for another body. */
export function keyFor(body: string, before: Sent | undefined): Sent {
  return before?.body === body ? before : { key: crypto.randomUUID(), body }
}

export function draftKey(person: number, id: number | string, operation: string): string {
  return `${PREFIX}.${person}.${id}.${operation}`
}

export function keepDraft(key: string, draft: Draft): void {
  try {
    localStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // A full or forbidden store: the form itself still holds the words.
  }
}

export function readDraft(key: string): Draft | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return null
    if (!('version' in kept) || !('values' in kept) || typeof kept.version !== 'number') return null
    const sent = 'sent' in kept && isSent(kept.sent) ? kept.sent : undefined
    return { version: kept.version, values: kept.values, sent }
  } catch {
    return null
  }
}

function isSent(value: unknown): value is Sent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    'body' in value &&
    typeof value.key === 'string' &&
    typeof value.body === 'string'
  )
}

export function dropDraft(key: string): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // As above.
  }
}

/** The operations of a case for which this person has a draft. */
export function draftsOf(person: number, id: number): Set<string> {
  const start = draftKey(person, id, '')
  const found = new Set<string>()
  try {
    for (let index = 0; index < localStorage.length; index++) {
      const key = localStorage.key(index)
      if (key?.startsWith(start)) found.add(key.slice(start.length))
    }
  } catch {
    // As above.
  }
  return found
}
