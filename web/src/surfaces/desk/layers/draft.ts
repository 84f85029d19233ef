/** A layer that was begun and not saved; kept in this browser, apart for every person. */
import type { Values } from './layer'

/** `code` is empty for a new layer. */
function keyOf(person: number, code: string): string {
  return `chengyun.draft.${person}.layer.${code || '+'}`
}

export function readDraft(person: number, code: string): Values | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(person, code)) ?? 'null')
    const whole = typeof kept === 'object' && kept !== null && 'style' in kept && 'name_zh' in kept
    return whole ? (kept as Values) : null
  } catch {
    return null
  }
}

export function keepDraft(person: number, code: string, values: Values): void {
  try {
    localStorage.setItem(keyOf(person, code), JSON.stringify(values))
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
