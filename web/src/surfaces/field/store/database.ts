/** What this phone keeps: things to send, photos of drafts, answers to read again, the track. */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb'
import type { Item } from './item'

/** An answer of the server as it stood at `at` (milliseconds), for one person. */
export interface KeptAnswer {
  key: string
  owner: number
  at: number
  data: unknown
}

/** The photos of a form that is not finished. */
export interface DraftPhotos {
  key: string
  photos: { id: string; blob: Blob; slot: string }[]
}

export interface TrackPoint {
  id?: number
  owner: number
  at: string
  lon: number
  lat: number
  accuracy_m: number
}

interface Schema extends DBSchema {
  outbox: { key: number; value: Item }
  drafts: { key: string; value: DraftPhotos }
  kept: { key: string; value: KeptAnswer }
  track: { key: number; value: TrackPoint }
}

const NAME = 'chengyun-field'
let opened: Promise<IDBPDatabase<Schema>> | undefined

export function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('outbox', { keyPath: 'seq', autoIncrement: true })
      db.createObjectStore('drafts', { keyPath: 'key' })
      db.createObjectStore('kept', { keyPath: 'key' })
      db.createObjectStore('track', { keyPath: 'id', autoIncrement: true })
    },
    // Another tab runs a newer version: it must not wait for this one.
    blocking() {
      void opened?.then((db) => db.close())
      opened = undefined
    },
    terminated() {
      opened = undefined
    },
  })
  return opened
}

/** For tests: forget everything. */
export async function eraseDatabase(): Promise<void> {
  const db = await opened
  db?.close()
  opened = undefined
  await deleteDB(NAME)
}
