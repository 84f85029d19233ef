/** The window of time of the slider: whole days, `until` is its last one. */

const DAY = 86_400_000

export interface Window {
  from: string
  until: string
}

export function plus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

/** Days from one to the other. */
export function between(from: string, until: string): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / DAY)
}

export function lengthOf({ from, until }: Window): number {
  return between(from, until) + 1
}

/** A window of `days` that ends on a day. */
export function ending(until: string, days: number): Window {
  return { from: plus(until, 1 - days), until }
}

/** The window moved; one that would leave what is to be seen (first … last) begins anew. */
export function stepped(window: Window, days: number, first: string, last: string): Window {
  const moved = { from: plus(window.from, days), until: plus(window.until, days) }
  if (moved.until > last) return ending(plus(first, lengthOf(window) - 1), lengthOf(window))
  if (moved.from < first) return ending(last, lengthOf(window))
  return moved
}

/** The window just before, for a comparison. */
export function previous(window: Window): Window {
  return ending(plus(window.from, -1), lengthOf(window))
}
