/** The words of evaluation and of the bulletin. */
import { words } from '../../../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))
export type Key = keyof typeof zh
