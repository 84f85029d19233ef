/** The words of what a number opens beside those of the first view, which does not carry them. */
import { wordsOfCodes } from '../../../app/codes'
import { words } from '../../../app/language'
import shared from '../zh.json'
import own from './zh.json'

const zh = { ...shared, ...own }

export const { t, useT } = words(zh, async () => {
  const [all, here] = await Promise.all([import('../en.json'), import('./en.json')])
  return { ...all.default, ...here.default }
})

/** The word of a code: `word('op', 'file')`. */
export const word = wordsOfCodes(zh, t)
