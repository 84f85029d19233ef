/** What MapLibre's own controls say. */
import { words } from '../app/language'
import zh from './zh.json'

export const { t, useT } = words(zh, () => import('./en.json').then((file) => file.default))
