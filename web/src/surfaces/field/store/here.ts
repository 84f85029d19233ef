/**
 * Who is at this phone, for whoever sends without a page. It lies among what was read for that
 * person and leaves with it: after signing out nothing of theirs is sent.
 */
import type { Language } from '../../../app/language'
import { database } from './database'

export interface Here {
  owner: number
  /** What the server's answers are to be said in. */
  language: Language
}

const KEY = 'here'

export async function arrive({ owner, language }: Here): Promise<void> {
  await (await database()).put('kept', { key: KEY, owner, at: Date.now(), data: language })
}

export async function whoIsHere(): Promise<Here | null> {
  const found = await (await database()).get('kept', KEY)
  return found ? { owner: found.owner, language: found.data === 'en' ? 'en' : 'zh' } : null
}
