/** The patrol's track: points are kept first, then sent in lots; the server knows repetitions. */
import { send } from '../../../api/client'
import { metres } from '../distance'
import { database, type TrackPoint } from './database'
import { alone, checkSession } from './sender'

const LOT = 1_000
const APART_METRES = 10
const APART_MS = 30_000
/** The server takes nothing older. */
const OLDEST = 7 * 24 * 3600_000

export type Point = Omit<TrackPoint, 'id' | 'owner'>

/** Whether a point says something new: moved ten metres, or half a minute has passed. */
export function isNews(before: Point | null, point: Point): boolean {
  if (!before) return true
  const passed = Date.parse(point.at) - Date.parse(before.at)
  return passed > 0 && (metres(before, point) >= APART_METRES || passed >= APART_MS)
}

export async function addPoint(owner: number, point: Point): Promise<void> {
  await (await database()).add('track', { ...point, owner })
}

export async function waitingPoints(owner: number): Promise<TrackPoint[]> {
  const all = await (await database()).getAll('track')
  return all.filter((point) => point.owner === owner)
}

/** Sends what waits, page or worker, one at a time; gives how many points the server has now taken.
 * Nothing of somebody who left the phone, nor in another person's session. */
export function sendTrack(owner: number, now = Date.now()): Promise<number> {
  return alone(() => sendLots(owner, now))
}

async function sendLots(owner: number, now: number): Promise<number> {
  const db = await database()
  let sent = 0
  for (;;) {
    const lot = (await waitingPoints(owner)).slice(0, LOT)
    if (!lot.length) return sent
    await checkSession(owner)
    const points = lot
      .filter((point) => Date.parse(point.at) > now - OLDEST)
      .map(({ at, lon, lat, accuracy_m }) => ({ at, lon, lat, accuracy_m }))
    if (points.length) {
      await send('/api/patrols', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ points }),
      })
    }
    const gone = db.transaction('track', 'readwrite')
    for (const { id } of lot) if (id !== undefined) await gone.store.delete(id)
    await gone.done
    sent += points.length
  }
}
