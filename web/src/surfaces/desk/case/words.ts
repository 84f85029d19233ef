/** The case page's words. The names of codes (operations, posts, stages…) are words too. */
import { words } from '../../../app/language'
import zh from './zh.json'

const own = words(zh, () => import('./en.json').then((file) => file.default))
export const { t, useT } = own
type Key = Parameters<typeof t>[0]

function isKey(key: string): key is Key {
  return Object.hasOwn(zh, key)
}

/** The word of a code: `word('stage', 'file')`; a code that has none yet is shown as it is.
 * With a count, in the singular where there is one of it. */
export function word(kind: string, code: string, count?: number): string {
  const key = `${kind}_${code}`
  if (!isKey(key)) return code
  return count === undefined ? t(key) : t(key, { count })
}
