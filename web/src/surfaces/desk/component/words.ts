/** The words of the components' pages; names of codes (states, fields, verbs) are words too. */
import { wordsOfCodes } from '../../../app/codes'
import { words } from '../../../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))

/** The word of a code: `word('state', 'lost')`. */
export const word = wordsOfCodes(zh, t)
