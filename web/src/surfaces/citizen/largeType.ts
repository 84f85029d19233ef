/** Large type, for eyes that want it: one number that every size of the kit is multiplied by. */
import { useSyncExternalStore } from 'react'
import { store, stored } from './shelf'

const KEY = 'chengyun.type'
const listeners = new Set<() => void>()

export function restoreType(): void {
  if (stored(KEY) === 'large') document.documentElement.dataset.type = 'large'
}

function isLarge(): boolean {
  return document.documentElement.dataset.type === 'large'
}

export function chooseType(large: boolean): void {
  if (large) document.documentElement.dataset.type = 'large'
  else delete document.documentElement.dataset.type
  store(KEY, large ? 'large' : null)
  for (const listener of listeners) listener()
}

export function useLargeType(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, isLarge)
}
