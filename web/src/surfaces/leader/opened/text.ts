/** The words of what a number opens beside those of the first view, which does not carry them. */
import { words } from '../../../app/language'
import shared from '../zh.json'
import own from './zh.json'

const zh = { ...shared, ...own }

export const { t, useT } = words(zh, async () => {
  const [all, here] = await Promise.all([import('../en.json'), import('./en.json')])
  return { ...all.default, ...here.default }
})
type Key = Parameters<typeof t>[0]

function isKey(key: string): key is Key {
  return Object.hasOwn(zh, key)
}

/** The word of a code: `word('op', 'file')`; a code without one is shown as it is. */
export function word(kind: string, code: string): string {
  const key = `${kind}_${code}`
  return isKey(key) ? t(key) : code
}
