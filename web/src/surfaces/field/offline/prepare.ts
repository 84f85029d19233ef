/** Makes the day available without a network: tasks, their cases and photos, the map. */
import { photo, send } from '../../../api/client'
import type { Me } from '../../../api/session'
import { type Ground, keepBasemap } from '../../../offline/basemap'
import { each, keepTiles } from '../../../offline/fetching'
import { around, type Box, MOST_BYTES, type TileRange, tilesOf } from '../../../offline/tiles'
import { keep } from '../store/kept'
import { type Detail, fetchCase, fetchMatters, fetchTasks, type TaskRow } from '../tasks/read'
import { BASEMAP, PHOTOS, TILES } from './caches'
import type { Prepared, Progress } from './prepared'

/** As the map asks for them (`map/style`): the names' last zoom is 14, the others' 16. Coarse
 * ones are few, and stand in for fine ones that are not there. */
export const LAYERS: readonly TileRange[] = [
  { layer: 'areas', from: 6, to: 14 },
  { layer: 'duty_grids', from: 10, to: 16 },
  { layer: 'components', from: 10, to: 16 },
]

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
  const grids = await (await send('/api/duty-grids?mine=true', { signal })).json()
  await keep(owner, 'grids', grids)
  const boxes = [...boxesOf(grids), ...placesOf(tasks)]
  const ground = await prepareTiles(boxes, tell, signal)
  const told = (done: number, of: number) => tell({ phase: 'basemap', done, of })
  const basemap = await keepBasemap(BASEMAP, boxes, told, signal)
  const result = { at: Date.now(), tasks: ids.length, photos, ...ground, basemap }
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

async function prepareTiles(
  boxes: readonly Box[],
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Ground> {
  if (typeof caches === 'undefined') return { tiles: 0, bytes: 0, cut: false }
  const wanted = tilesOf(boxes, LAYERS)
  const cache = await caches.open(TILES)
  const bytes = await keepTiles(
    cache,
    wanted,
    (done, of) => tell({ phase: 'tiles', done, of }),
    signal,
  )
  return { tiles: wanted.length, bytes, cut: bytes >= MOST_BYTES }
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
