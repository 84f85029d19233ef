/** The desk's words. Each room of the desk (list, case, order, evaluation) has its own file beside it. */
import { words } from '../../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))
