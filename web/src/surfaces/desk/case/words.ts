/** The case page's words. The names of codes (operations, posts, stages…) are words too. */
import { wordsOfCodes } from '../../../app/codes'
import { words } from '../../../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))

/** The word of a code: `word('stage', 'file')`. */
export const word = wordsOfCodes(zh, t)
