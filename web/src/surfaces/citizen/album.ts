/**
 * The photos of the draft, kept in IndexedDB as bytes until the report was sent. Each remembers
 * the key that the server gave it, so that no picture travels twice.
 */
import { type IDBPDatabase, openDB } from 'idb'
import { useSyncExternalStore } from 'react'
import type { Shot } from '../../ui/shrink'
import { change, newKey } from './draft'

export interface DraftPhoto extends Shot {
  id: string
  /** The server's key of the picture; empty until it was sent. */
  uploaded: string
}

interface Row {
  id: string
  bytes: ArrayBuffer
  takenAt: string | null
  place: [number, number] | null
  uploaded: string
  position: number
}

interface Album {
  photos: readonly DraftPhoto[]
  /** False where this browser cannot keep them: the page says so. */
  kept: boolean
}

const listeners = new Set<() => void>()
let album: Album = { photos: [], kept: true }
let database: Promise<IDBPDatabase> | undefined
/** Writes follow one another: a later list must not be overtaken by an earlier one. */
let queue: Promise<void> = Promise.resolve()

function open(): Promise<IDBPDatabase> {
  database ??= openDB('chengyun.citizen', 1, {
    upgrade(db) {
      db.createObjectStore('photos', { keyPath: 'id' })
    },
  })
  return database
}

function show(next: Partial<Album>): void {
  album = { ...album, ...next }
  for (const listener of listeners) listener()
}

function write(work: (db: IDBPDatabase) => Promise<void>): Promise<void> {
  queue = queue
    .then(async () => work(await open()))
    .then(
      () => show({ kept: true }),
      () => show({ kept: false }),
    )
  return queue
}

let restoring: Promise<void> | undefined

/** Reads what was kept, once a page. */
export function restorePhotos(): Promise<void> {
  restoring ??= restore()
  return restoring
}

async function restore(): Promise<void> {
  try {
    const db = await open()
    const rows: Row[] = await db.getAll('photos')
    if (album.photos.length) return
    const photos = rows
      .sort((one, other) => one.position - other.position)
      .map(({ id, bytes, takenAt, place, uploaded }) => {
        const blob = new Blob([bytes], { type: 'image/jpeg' })
        return { id, blob, url: URL.createObjectURL(blob), takenAt, place, uploaded }
      })
    show({ photos })
    change({ photoCount: photos.length })
  } catch {
    show({ kept: false })
  }
}

/** The photos of the draft are these now; new ones get an id, missing ones are forgotten. */
export function setPhotos(shots: readonly Shot[]): Promise<void> {
  const before = new Map(album.photos.map((photo) => [photo.url, photo]))
  const photos = shots.map(
    (shot) => before.get(shot.url) ?? { ...shot, id: newKey(), uploaded: '' },
  )
  show({ photos })
  change({ photoCount: photos.length })
  return write(async (db) => {
    const rows: Row[] = []
    for (const [position, { id, blob, takenAt, place, uploaded }] of photos.entries()) {
      rows.push({ id, bytes: await blob.arrayBuffer(), takenAt, place, uploaded, position })
    }
    const change = db.transaction('photos', 'readwrite')
    await Promise.all([
      change.store.clear(),
      ...rows.map((row) => change.store.put(row)),
      change.done,
    ])
  })
}

/** `uploaded` is the server's key; empty when the server has forgotten it. */
export function markUploaded(id: string, uploaded: string): Promise<void> {
  show({ photos: album.photos.map((photo) => (photo.id === id ? { ...photo, uploaded } : photo)) })
  return write(async (db) => {
    const row: Row | undefined = await db.get('photos', id)
    if (row) await db.put('photos', { ...row, uploaded })
  })
}

export function forgetPhotos(): Promise<void> {
  for (const { url } of album.photos) URL.revokeObjectURL(url)
  show({ photos: [] })
  return write((db) => db.clear('photos'))
}

export function photos(): readonly DraftPhoto[] {
  return album.photos
}

export function useAlbum(): Album {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => album,
  )
}
