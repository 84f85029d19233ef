/** What this phone holds of the communities that were taken along, for the person who took them. */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb'
import type { Component } from '../../../api/components'
import type { Inventory } from '../../../api/overview'
import type { KeptBasemap } from '../../../offline/basemap'

export interface Community {
  /** `owner:code` */
  key: string
  owner: number
  code: string
  name_zh: string
  name_en: string
  /** When it was read, milliseconds. */
  at: number
  /** Of the components' text, the map's tiles and the basemap's. */
  bytes: number
  components: number
  tiles: number
  /** The space set for the map was not enough. */
  cut: boolean
  /** What an older build took along says nothing of it. */
  basemap?: KeptBasemap
  /** As counted by the server: large classes have their names only there. */
  classes: Inventory
}

interface Schema extends DBSchema {
  communities: { key: string; value: Community }
  components: { key: string; value: { key: string; rows: Component[] } }
}

const NAME = 'chengyun-leader'
let opened: Promise<IDBPDatabase<Schema>> | undefined

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('communities', { keyPath: 'key' })
      db.createObjectStore('components', { keyPath: 'key' })
    },
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

function keyOf(owner: number, code: string): string {
  return `${owner}:${code}`
}

/** The owner's communities, the one taken last first. */
export async function communities(owner: number): Promise<Community[]> {
  const all = await (await database()).getAll('communities')
  return all.filter((each) => each.owner === owner).sort((a, b) => b.at - a.at)
}

export async function community(owner: number, code: string): Promise<Community | undefined> {
  return (await database()).get('communities', keyOf(owner, code))
}

export async function componentsOf(owner: number, code: string): Promise<Component[]> {
  return (await (await database()).get('components', keyOf(owner, code)))?.rows ?? []
}

/** Both or neither: a community without its components would count nothing. */
export async function put(whole: Omit<Community, 'key'>, rows: Component[]): Promise<void> {
  const key = keyOf(whole.owner, whole.code)
  const change = (await database()).transaction(['communities', 'components'], 'readwrite')
  await change.objectStore('communities').put({ ...whole, key })
  await change.objectStore('components').put({ key, rows })
  await change.done
}

export async function drop(owner: number, code: string): Promise<void> {
  const key = keyOf(owner, code)
  const change = (await database()).transaction(['communities', 'components'], 'readwrite')
  await change.objectStore('communities').delete(key)
  await change.objectStore('components').delete(key)
  await change.done
}

/** Of everybody who ever held this phone. */
export async function erase(): Promise<void> {
  const db = await opened
  db?.close()
  opened = undefined
  await deleteDB(NAME)
}
