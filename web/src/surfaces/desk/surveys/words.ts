/** The words of the surveys' pages; names of codes (states, registers, fields) are words too. */
import { words } from '../../../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))
type Key = Parameters<typeof t>[0]

function isKey(key: string): key is Key {
  return Object.hasOwn(zh, key)
}

/** The word of a code: `word('state', 'review')`; a code that has none yet is shown as it is. */
export function word(kind: string, code: string): string {
  const key = `${kind}_${code}`
  return isKey(key) ? t(key) : code
}
