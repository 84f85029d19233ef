/** The words of the surveys' pages; names of codes (states, registers, fields) are words too. */
import { wordsOfCodes } from '../../../app/codes'
import { words } from '../../../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))

/** The word of a code: `word('state', 'review')`. */
export const word = wordsOfCodes(zh, t)
