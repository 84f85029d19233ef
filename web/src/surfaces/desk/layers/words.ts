/** The words of the page of layers; names of codes (access, shapes) are words too. */
import { wordsOfCodes } from '../../../app/codes'
import { words } from '../../../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))

/** The word of a code: `word('shape', 'line')`. */
export const word = wordsOfCodes(zh, t)
