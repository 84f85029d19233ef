/** Days of the city's calendar as moments, whatever the browser's zone is. */
import { clockParts } from './time'

const DAY = /^\d{4}-\d{2}-\d{2}$/

export function isDay(text: unknown): text is string {
  return typeof text === 'string' && DAY.test(text) && !Number.isNaN(Date.parse(text))
}

/** When the day (2026-11-22) begins on the city's clocks, `plus` days later; ISO 8601, UTC. */
export function startOf(day: string, plus = 0): string {
  const wanted = Date.parse(`${day}T00:00:00Z`) + plus * 86_400_000
  // What the city's clocks show at a guess tells how far the guess is off; twice, because the
  // clocks may have been changed in between.
  let guess = wanted
  for (let turn = 0; turn < 2; turn += 1) guess += wanted - shown(guess)
  return new Date(guess).toISOString()
}

/** Today on the city's clocks. */
export function today(now = Date.now()): string {
  const { year, month, day } = clockParts(now)
  return `${year}-${month}-${day}`
}

function shown(at: number): number {
  const { year, month, day, hour, minute, second } = clockParts(at)
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
