/**
 * The part of an address after `?`, as people read it: `state=handling&state=reported`. Values are
 * always texts, or lists of texts where a name stands several times; a page's `validateSearch`
 * makes of them what it needs. (The router's own way writes JSON, and reads the year 2026 as a
 * number.)
 */

export type Search = Record<string, string | string[]>

export function parseSearch(text: string): Search {
  const found: Search = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name]
    if (before === undefined) found[name] = value
    else found[name] = [...(Array.isArray(before) ? before : [before]), value]
  }
  return found
}

export function stringifySearch(search: Record<string, unknown>): string {
  const written = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== '') written.append(name, String(each))
    }
  }
  // Commas and colons stand in bounds and codes; they may be written as they are.
  const text = written.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return text ? `?${text}` : ''
}

/** The texts of a name; empty where there is none. */
export function listOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value]
  return values.filter((each): each is string => typeof each === 'string' && each !== '')
}

/** The first text of a name; undefined where there is none. */
export function textOf(value: unknown): string | undefined {
  return listOf(value)[0]
}
