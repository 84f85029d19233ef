/** The words of this folder beside those of all field pages: the first page does not carry them. */
import { words } from '../../../app/language'
import shared from '../zh.json'
import own from './zh.json'

export const { t, useT } = words({ ...shared, ...own }, async () => {
  const [all, here] = await Promise.all([import('../en.json'), import('./en.json')])
  return { ...all.default, ...here.default }
})
