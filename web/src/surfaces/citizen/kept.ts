/** The reports that this browser knows the code of. Nobody else can list them. */
import { useSyncExternalStore } from 'react'
import { fieldsOf, store, storedJson, textOf } from './shelf'

export interface KeptReport {
  number: string
  code: string
  /** The first words of it, to tell one from another. */
  text: string
  at: string
}

const KEY = 'chengyun.citizen.reports'
const MOST = 50
const WORDS = 60
const listeners = new Set<() => void>()

export function keptIn(value: unknown): KeptReport[] {
  if (!Array.isArray(value)) return []
  return value
    .map(fieldsOf)
    .map(({ number, code, text, at }) => ({
      number: textOf(number),
      code: textOf(code),
      text: textOf(text),
      at: textOf(at),
    }))
    .filter(({ number, code }) => number !== '' && code !== '')
    .slice(0, MOST)
}

let reports: readonly KeptReport[] = keptIn(storedJson(KEY))

function put(next: readonly KeptReport[]): void {
  reports = next
  store(KEY, next.length ? JSON.stringify(next) : null)
  for (const listener of listeners) listener()
}

export function keptReports(): readonly KeptReport[] {
  return reports
}

/** Puts one first; a number is kept once. */
export function keepReport({ number, code, text, at }: KeptReport): void {
  const others = reports.filter((each) => each.number !== number)
  put([{ number, code, text: text.trim().slice(0, WORDS), at }, ...others].slice(0, MOST))
}

export function forgetReport(number: string): void {
  put(reports.filter((each) => each.number !== number))
}

/** Undoes `forgetReport`. */
export function restoreReports(before: readonly KeptReport[]): void {
  put(before)
}

export function useKeptReports(): readonly KeptReport[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, keptReports)
}

/** The page of a report, on this host. */
export function followPath(number: string, code: string): string {
  return `/follow/${encodeURIComponent(number)}?code=${encodeURIComponent(code)}`
}
