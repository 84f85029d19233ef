/** The names of codes (states, fields, operations), which stand among the words of a surface. */
import type { Values } from './language'

/** Makes `word` of a surface's words: `word('state', 'lost')` says `state_lost`; a code that has
 * none yet is shown as it is. With a count, in the singular where there is one of it. */
export function wordsOfCodes<Key extends string>(
  zh: object,
  t: (key: Key, values?: Values) => string,
) {
  const isKey = (key: string): key is Key => Object.hasOwn(zh, key)
  return function word(kind: string, code: string, count?: number): string {
    const key = `${kind}_${code}`
    if (!isKey(key)) return code
    return count === undefined ? t(key) : t(key, { count })
  }
}
