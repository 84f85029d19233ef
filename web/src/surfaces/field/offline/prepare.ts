/** Makes the day available without a network: tasks, their cases and photos, the map. */
import { photo, send } from '../../../api/client'
import type { Me } from '../../../api/session'
import { keep } from '../store/kept'
import { type Detail, fetchCase, fetchMatters, fetchTasks, type TaskRow } from '../tasks/read'
import { PHOTOS, TILES } from './caches'
import type { Prepared, Progress } from './prepared'
import { around, type Box, MOST_BYTES, tilesOf } from './tiles'

const AT_ONCE = 4

/** Runs `work` over all, a few at a time. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const one = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** Fetches everything; throws what the network throws, then what was fetched so far stays. */
export async function prepare(
  me: Me,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Prepared> {
  const owner = me.user.id
  const [tasks, matters] = await Promise.all([fetchTasks(signal), fetchMatters(signal)])
  await keep(owner, 'tasks', tasks)
  await keep(owner, 'matters', matters)
  let done = 0
  const keys = new Set<string>()
  const ids = [...new Set(tasks.map((task) => task.case_id))]
  await each(ids, async (id) => {
    const detail = await fetchCase(id, signal)
    await keep(owner, `case:${id}`, detail)
    for (const key of photosOf(detail)) keys.add(key)
    done += 1
    tell({ phase: 'tasks', done, of: ids.length })
  })
  const photos = await preparePhotos([...keys], tell, signal)
  const ground = await prepareTiles(owner, tasks, tell, signal)
  const result = { at: Date.now(), tasks: ids.length, photos, ...ground }
  await keep(owner, 'prepared', result)
  return result
}

export function photosOf(detail: Detail): string[] {
  const all = [...detail.reports, ...detail.records].flatMap((row) => row.attachments)
  return [...new Set(all)]
}

async function preparePhotos(
  keys: readonly string[],
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<number> {
  if (typeof caches === 'undefined') return 0
  const cache = await caches.open(PHOTOS)
  let done = 0
  await each(keys, async (key) => {
    const address = photo(key, 'thumb')
    if (!(await cache.match(address, { ignoreVary: true }))) {
      const answer = await fetch(address, { signal })
      if (answer.ok) await cache.put(address, answer)
    }
    done += 1
    tell({ phase: 'photos', done, of: keys.length })
  })
  return keys.length
}

type Ground = Pick<Prepared, 'tiles' | 'bytes' | 'cut'>

async function prepareTiles(
  owner: number,
  tasks: readonly TaskRow[],
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Ground> {
  if (typeof caches === 'undefined') return { tiles: 0, bytes: 0, cut: false }
  const grids = await (await send('/api/duty-grids?mine=true', { signal })).json()
  await keep(owner, 'grids', grids)
  const wanted = tilesOf([...boxesOf(grids), ...placesOf(tasks)])
  const cache = await caches.open(TILES)
  let done = 0
  let bytes = 0
  await each(wanted, async (address) => {
    if (bytes < MOST_BYTES) {
      const answer = await fetch(address, { signal })
      if (answer.ok) {
        const content = await answer.clone().arrayBuffer()
        bytes += content.byteLength
        await cache.put(address, answer)
      }
    }
    done += 1
    if (done % 10 === 0 || done === wanted.length) {
      tell({ phase: 'tiles', done, of: wanted.length })
    }
  })
  // Yesterday's ground is not today's.
  const kept = new Set(wanted)
  for (const request of await cache.keys()) {
    if (!kept.has(new URL(request.url).pathname)) await cache.delete(request)
  }
  return { tiles: done, bytes, cut: bytes >= MOST_BYTES }
}

/** The boxes of an answer of `/api/duty-grids`. */
export function boxesOf(grids: unknown): Box[] {
  if (!Array.isArray(grids)) return []
  return grids.flatMap((grid: { bbox?: unknown }) => {
    const box = grid.bbox
    if (!Array.isArray(box) || box.length !== 4) return []
    const [west, south, east, north] = box.map(Number)
    return [[west ?? 0, south ?? 0, east ?? 0, north ?? 0] as const]
  })
}

function placesOf(tasks: readonly TaskRow[]): Box[] {
  return tasks.flatMap(({ case: row }) =>
    row.lon === null || row.lat === null ? [] : [around(row.lon, row.lat)],
  )
}
