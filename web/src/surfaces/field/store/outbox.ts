/**
 * The outbox: what people wrote is safe here the moment they press send, with or without a
 * network, and leaves only when the server has it or the person discards it.
 */
import { database } from './database'
import type { Item, NewReport, NewStep, ReportItem, StepItem } from './item'

/** Sent items stay visible for a day, without their photos. */
const SHOWN = 24 * 3600_000
const listeners = new Set<() => void>()
const channel =
  typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('chengyun.outbox')
channel?.addEventListener('message', () => tell(false))

export function onOutbox(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(others = true): void {
  for (const listener of listeners) listener()
  if (others) channel?.postMessage('changed')
}

const START = { state: 'waiting', tries: 0, next: 0, problem: '', sentAt: null } as const

export async function put(item: NewStep | NewReport): Promise<Item> {
  const id = crypto.randomUUID()
  const whole: StepItem | ReportItem =
    item.kind === 'step'
      ? { ...item, ...START, id, at: Date.now(), lane: `case:${item.caseId}` }
      : { ...item, ...START, id, at: Date.now(), lane: `report:${id}`, receipt: null }
  const seq = await (await database()).add('outbox', whole)
  tell()
  return { ...whole, seq }
}

/** All of a person's items in the order of sending. */
export async function items(owner: number): Promise<Item[]> {
  const all = await (await database()).getAll('outbox')
  return all.filter((item) => item.owner === owner)
}

/** How many items of other people this phone still holds. */
export async function ofOthers(owner: number): Promise<number> {
  const all = await (await database()).getAll('outbox')
  return all.filter((item) => item.owner !== owner && item.state !== 'sent').length
}

/** Changes an item if it is still there; null when it was discarded meanwhile. */
export async function change(
  seq: number | undefined,
  edit: (item: Item) => Item,
): Promise<Item | null> {
  if (seq === undefined) return null
  const store = (await database()).transaction('outbox', 'readwrite').store
  const found = await store.get(seq)
  if (!found) return null
  const edited = edit(found)
  await store.put(edited)
  tell()
  return edited
}

/** Not while it is on its way: nobody could say what became of it. */
export async function discard(item: Item): Promise<boolean> {
  if (item.seq === undefined) return false
  const store = (await database()).transaction('outbox', 'readwrite').store
  const found = await store.get(item.seq)
  if (found?.state === 'sending') return false
  await store.delete(item.seq)
  tell()
  return true
}

/** The server has it. Later items of the lane were written on top of this one: they go on from
 * the version it led to, or the person's own work would look like a conflict. */
export async function markSent(item: Item, now: number, version: number | null): Promise<void> {
  const store = (await database()).transaction('outbox', 'readwrite').store
  for (const each of await store.getAll()) {
    if (each.seq === item.seq) {
      const photos = item.photos.map((photo) => ({ ...photo, blob: null }))
      await store.put({ ...item, photos, state: 'sent', sentAt: now, problem: '' })
    } else if (
      version !== null &&
      each.kind === 'step' &&
      item.kind === 'step' &&
      each.lane === item.lane &&
      each.state === 'waiting' &&
      each.version >= item.version &&
      each.version < version
    ) {
      await store.put({ ...each, version })
    }
  }
  tell()
}

/** Sent once more on the case as it stands now. Another content, so another key. */
export async function sendAgain(item: Item, version: number | null): Promise<void> {
  await change(item.seq, (found) => {
    const anew = { state: 'waiting', tries: 0, next: 0, problem: '' } as const
    if (found.kind === 'step' && version !== null) {
      return { ...found, ...anew, version, id: crypto.randomUUID() }
    }
    return { ...found, ...anew }
  })
}

/** Removes what was sent long ago. */
export async function sweep(now: number): Promise<void> {
  const db = await database()
  for (const item of await db.getAll('outbox')) {
    if (item.state === 'sent' && item.sentAt !== null && item.sentAt < now - SHOWN) {
      if (item.seq !== undefined) await db.delete('outbox', item.seq)
    }
  }
}
