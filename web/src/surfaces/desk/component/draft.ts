/** A change that was begun and not sent: kept in this browser, apart for every person. */
import type { Values } from './change'

export interface Draft {
  /** What the form was opened on. */
  version: string
  base: Values
  values: Values
}

function keyOf(person: number, code: string): string {
  return `chengyun.draft.${person}.component.${code}`
}

export function readDraft(person: number, code: string): Draft | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(person, code)) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return null
    const whole = 'version' in kept && 'base' in kept && 'values' in kept
    return whole ? (kept as Draft) : null
  } catch {
    return null
  }
}

export function keepDraft(person: number, code: string, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(person, code), JSON.stringify(draft))
  } catch {
    // A full or forbidden store: the form itself still holds the words.
  }
}

export function dropDraft(person: number, code: string): void {
  try {
    localStorage.removeItem(keyOf(person, code))
  } catch {
    // As above.
  }
}
