/**
 * What somebody is writing. Words go to localStorage at every key press (they are there even if
 * the browser is killed), photos to the database. Both leave when the outbox has taken the form.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { database } from './database'
import type { ItemPhoto, Slot } from './item'

export interface DraftPhoto {
  id: string
  slot: Slot
  blob: Blob
}

const PREFIX = 'chengyun.field.draft.'

export function readWords<T extends object>(key: string, empty: T): T {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null')
    return typeof kept === 'object' && kept !== null ? { ...empty, ...kept } : empty
  } catch {
    return empty
  }
}

export function writeWords(key: string, value: object | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // A full or closed store: the form still works, it is only not restored.
  }
}

const SLOTS: readonly string[] = ['near', 'far', 'reference', 'before', 'after', 'scene']

function isSlot(name: string): name is Slot {
  return SLOTS.includes(name)
}

export async function readPhotos(key: string): Promise<DraftPhoto[]> {
  const kept = await (await database()).get('drafts', key)
  return (kept?.photos ?? []).flatMap((photo) =>
    isSlot(photo.slot) ? [{ ...photo, slot: photo.slot }] : [],
  )
}

export async function writePhotos(key: string, photos: DraftPhoto[]): Promise<void> {
  const db = await database()
  if (photos.length) await db.put('drafts', { key, photos })
  else await db.delete('drafts', key)
}

export async function clearDraft(key: string): Promise<void> {
  writeWords(key, null)
  await writePhotos(key, [])
}

export interface Draft<T> {
  words: T
  photos: DraftPhoto[]
  /** False until the photos were read. */
  ready: boolean
  write: (change: Partial<T>) => void
  setPhotos: (photos: DraftPhoto[]) => void
  clear: () => Promise<void>
}

export function useDraft<T extends object>(key: string, empty: T): Draft<T> {
  const [words, setWords] = useState(() => readWords(key, empty))
  const [photos, show] = useState<DraftPhoto[]>([])
  const [ready, setReady] = useState(false)
  const latest = useRef(words)
  useEffect(() => {
    readPhotos(key).then(
      (found) => {
        show(found)
        setReady(true)
      },
      () => setReady(true),
    )
  }, [key])
  const write = useCallback(
    (change: Partial<T>) => {
      latest.current = { ...latest.current, ...change }
      writeWords(key, latest.current)
      setWords(latest.current)
    },
    [key],
  )
  const setPhotos = useCallback(
    (next: DraftPhoto[]) => {
      show(next)
      void writePhotos(key, next)
    },
    [key],
  )
  const clear = useCallback(() => clearDraft(key), [key])
  return { words, photos, ready, write, setPhotos, clear }
}

export function toItemPhotos(photos: readonly DraftPhoto[]): ItemPhoto[] {
  return photos.map(({ id, slot, blob }) => ({ id, slot, blob, key: null }))
}
