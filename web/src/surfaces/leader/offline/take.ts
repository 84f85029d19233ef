/** Takes a community along: its numbers, its components, its map, and the pages to show them. */

import { send } from '../../../api/client'
import { type Component, readComponents } from '../../../api/components'
import { readInventory } from '../../../api/overview'
import { type KeptBasemap, keepBasemap } from '../../../offline/basemap'
import { CHOICE } from '../../../offline/choice'
import { isFull, keepTiles } from '../../../offline/fetching'
import { type Box, MOST_BYTES, type TileRange, tilesOf } from '../../../offline/tiles'
import { basemapOf, basemaps, dropCaches, groundOf } from './caches'
import { type Community, communities, drop, erase, put } from './store'

/** As the map asks for them (`map/style`), from where a community fills the phone. */
const LAYERS: readonly TileRange[] = [
  { layer: 'areas', from: 8, to: 14 },
  { layer: 'components', from: 12, to: 16 },
]
const PAGE = 200
/** More than any community has; a whole district is not for a phone. */
export const MOST_COMPONENTS = 20_000
const WORKER = '/sw-leader.js'
const SCOPE = '/m/leader'

export interface Progress {
  phase: 'pages' | 'components' | 'tiles' | 'basemap'
  done: number
  of: number
}

interface AreaDetail {
  code: string
  name_zh: string
  name_en: string
  geometry: unknown
}

export class TooMany extends Error {}
/** This phone has no room for the community; what was there of it before is gone. */
export class NoRoom extends Error {}

/** Fetches everything, then keeps it at once; throws what the network throws, `TooMany` and
 * `NoRoom`. A basemap for which there is no room is left behind, and the community says so. */
export async function take(
  owner: number,
  code: string,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Community> {
  try {
    return await takeAll(owner, code, tell, signal)
  } catch (error) {
    if (!isFull(error)) throw error
    await letGo(owner, code)
    throw new NoRoom()
  }
}

async function takeAll(
  owner: number,
  code: string,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Community> {
  tell({ phase: 'pages', done: 0, of: 1 })
  await install()
  const area: AreaDetail = await (
    await send(`/api/areas/${encodeURIComponent(code)}`, { signal })
  ).json()
  const classes = await readInventory(new URLSearchParams({ by: 'class', area: code }), signal)
  if (classes.total > MOST_COMPONENTS) throw new TooMany()
  const rows = await readAll(code, classes.total, tell, signal)
  const text = JSON.stringify(rows)
  const box = boxOf(area.geometry)
  const ground = await takeGround(owner, code, box, tell, signal)
  const basemap = await takeBasemap(owner, code, box, tell, signal)
  const whole = {
    owner,
    code,
    name_zh: area.name_zh,
    name_en: area.name_en,
    at: Date.now(),
    bytes: new Blob([text]).size + ground.bytes + bytesOf(basemap),
    components: rows.length,
    tiles: ground.tiles,
    cut: ground.bytes >= MOST_BYTES,
    basemap,
    classes,
  }
  await put(whole, rows)
  return { ...whole, key: `${owner}:${code}` }
}

async function readAll(
  area: string,
  of: number,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Component[]> {
  const rows: Component[] = []
  let cursor: string | null = null
  do {
    tell({ phase: 'components', done: rows.length, of })
    const query = new URLSearchParams({ area, limit: String(PAGE) })
    const page = await readComponents(query, cursor, signal)
    rows.push(...page.items)
    cursor = page.next ?? null
  } while (cursor && rows.length <= MOST_COMPONENTS)
  return rows
}

async function takeGround(
  owner: number,
  code: string,
  box: Box | null,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<{ tiles: number; bytes: number }> {
  if (typeof caches === 'undefined' || !box) return { tiles: 0, bytes: 0 }
  const wanted = tilesOf([box], LAYERS)
  const cache = await caches.open(groundOf(owner, code))
  const told = (done: number, of: number) => tell({ phase: 'tiles', done, of })
  return { tiles: wanted.length, bytes: await keepTiles(cache, wanted, told, signal) }
}

async function takeBasemap(
  owner: number,
  code: string,
  box: Box | null,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<KeptBasemap> {
  if (!box) return null
  const own = basemapOf(owner, code)
  const told = (done: number, of: number) => tell({ phase: 'basemap', done, of })
  const kept = await keepBasemap(own, [box], told, signal)
  const choice = bytesOf(kept) > 0 ? await caches.match(CHOICE, { cacheName: own }) : undefined
  if (choice) {
    // One map shows all communities: the newest choice is that of all.
    for (const name of await basemaps()) {
      if (name !== own) await (await caches.open(name)).put(CHOICE, choice.clone())
    }
  }
  return kept
}

function bytesOf(kept: KeptBasemap): number {
  return kept !== null && typeof kept !== 'string' ? kept.bytes : 0
}

/** The box around all points of a GeoJSON geometry. */
export function boxOf(geometry: unknown): Box | null {
  let box: [number, number, number, number] | null = null
  const walk = (part: unknown) => {
    if (!Array.isArray(part)) return
    const [x, y]: unknown[] = part
    if (typeof x !== 'number' || typeof y !== 'number') {
      for (const each of part) walk(each)
      return
    }
    const [west, south, east, north] = box ?? [x, y, x, y]
    box = [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)]
  }
  if (typeof geometry === 'object' && geometry !== null && 'coordinates' in geometry) {
    walk(geometry.coordinates)
  }
  return box
}

/** The pages' own worker, ready and in charge; nothing where a browser has none. */
async function install(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  await navigator.serviceWorker.register(WORKER, { scope: SCOPE })
  await navigator.serviceWorker.ready
}

export async function letGo(owner: number, code: string): Promise<void> {
  await drop(owner, code)
  if (typeof caches !== 'undefined') {
    await Promise.all([groundOf, basemapOf].map((name) => caches.delete(name(owner, code))))
  }
  if ((await communities(owner)).length === 0) await letAllGo()
}

/** Nothing stays on the phone: somebody signed out, or another person signed in. */
export async function letAllGo(): Promise<void> {
  const found = await navigator.serviceWorker?.getRegistration(SCOPE)
  // The street's worker answers for its own scope only.
  if (found?.scope.endsWith(SCOPE)) await found.unregister()
  await Promise.all([erase(), dropCaches()])
}
