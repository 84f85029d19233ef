/**
 * Sends the outbox: one sender at a time, whatever number of tabs, the service worker among them;
 * in order within a case.
 */
import { send, upload } from '../../../api/client'
import { Refusal, said } from '../../../api/problem'
import { whoIsHere } from './here'
import type { Item, ItemPhoto, ReportItem, StepItem } from './item'
import { change, items, markSent, sweep } from './outbox'

export interface Round {
  /** When to try again (milliseconds), null: nothing waits for a time. */
  next: number | null
  /** The session has ended: nothing is sent until somebody signs in. */
  signedOut: boolean
  /** The server could not be reached. */
  unreachable: boolean
  sent: number
}

const FIRST_WAIT = 2_000
const A_MINUTE = 60_000
const LONGEST_WAIT = 5 * A_MINUTE
const LOCK = 'chengyun.outbox'
let queue: Promise<unknown> = Promise.resolve()

/** One sender in all tabs and the worker; where the browser has no locks, one in this tab (the
 * server's idempotency then keeps two tabs from doing a thing twice). */
export function alone<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator !== 'undefined' && navigator.locks)
    return navigator.locks.request(LOCK, work)
  const turn = queue.then(work, work)
  queue = turn.catch(() => undefined)
  return turn
}

/** Sends what is due. `hurry` also sends what waits for a later moment: the network came back. */
export function flush(owner: number, hurry = false): Promise<Round> {
  return alone(() => round(owner, hurry))
}

async function round(owner: number, hurry: boolean): Promise<Round> {
  const result: Round = { next: null, signedOut: false, unreachable: false, sent: 0 }
  const blocked = new Set<string>()
  let known = false
  await sweep(Date.now())
  for (const listed of await items(owner)) {
    if (listed.state === 'sent' || blocked.has(listed.lane)) continue
    if (listed.state === 'refused' || listed.state === 'conflict') {
      blocked.add(listed.lane)
      continue
    }
    if (!hurry && listed.next > Date.now()) {
      blocked.add(listed.lane)
      result.next = Math.min(result.next ?? listed.next, listed.next)
      continue
    }
    // Signed out while the round went on: what is left is sent when they are back.
    if ((await whoIsHere())?.owner !== owner) return { ...result, signedOut: true }
    // Read anew: it may be gone, or moved on by the one before it. A tab that died while sending
    // leaves `sending` behind; the lock says that nobody is at it.
    const item = await change(listed.seq, (found) => ({ ...found, state: 'sending' }))
    if (!item) continue
    try {
      if (!known) await checkSession(owner)
      known = true
      const version = await deliver(item)
      const whole = await change(item.seq, (found) => found)
      await markSent(whole ?? item, Date.now(), version)
      result.sent += 1
    } catch (error) {
      blocked.add(item.lane)
      const verdict = judge(error, item.tries)
      await change(item.seq, (found) => ({ ...found, ...verdict.change }))
      if (verdict.change.state === 'waiting') {
        const { next } = verdict.change
        result.next = Math.min(result.next ?? next, next)
      }
      if (verdict.stop) return { ...result, ...verdict.stop }
    }
  }
  return result
}

/** The session, or the phone, may be another person's by now: what one wrote must not go out in the
 * other's name. Throws like `send`, and a refusal as of nobody signed in. */
export async function checkSession(owner: number): Promise<void> {
  if ((await whoIsHere())?.owner !== owner) throw new Refusal(401, {})
  const me = await (await send('/api/me')).json()
  if (me.user.id !== owner) throw new Refusal(401, {})
}

interface Verdict {
  change: Pick<Item, 'state' | 'problem' | 'tries' | 'next'>
  /** Why nothing else is tried now. */
  stop: Partial<Round> | null
}

/** What an error means for the item, and for the rest of the round. */
export function judge(error: unknown, tries: number, now = Date.now()): Verdict {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries)
  const problem = said(error)
  const later = { state: 'waiting', problem, tries: tries + 1, next: now + wait } as const
  if (!(error instanceof Refusal)) return { change: later, stop: { unreachable: true } }
  if (error.status === 401) {
    return { change: { ...later, tries, next: now }, stop: { signedOut: true } }
  }
  if (error.status >= 500 || error.status === 429 || error.status === 408) {
    return { change: later, stop: null }
  }
  if (error.status === 409) {
    // The server's remedy is for a page that would lose the words; here nothing is lost.
    const what = error.body.detail ?? problem
    return { change: { state: 'conflict', problem: what, tries, next: 0 }, stop: null }
  }
  return { change: { state: 'refused', problem, tries, next: 0 }, stop: null }
}

/** Every step of an item, each remembered when done. Gives the case's version, if it says. */
async function deliver(item: Item): Promise<number | null> {
  for (const photo of item.photos) await deliverPhoto(item, photo)
  return item.kind === 'step' ? deliverStep(item) : deliverReport(item)
}

async function deliverPhoto(item: Item, photo: ItemPhoto): Promise<void> {
  if (photo.key || !photo.blob) return
  const key = await upload(photo.blob, 'case', `${photo.slot}.jpg`)
  photo.key = key
  await change(item.seq, (found) => ({
    ...found,
    photos: found.photos.map((each) => (each.id === photo.id ? { ...each, key } : each)),
  }))
}

function keys(item: Item, wanted: (photo: ItemPhoto) => boolean): string[] {
  return item.photos.filter(wanted).flatMap((photo) => (photo.key ? [photo.key] : []))
}

async function post(path: string, key: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await send(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(body),
  })
  const answer: unknown = await response.json()
  if (typeof answer !== 'object' || answer === null) throw new Error('The answer is no object.')
  return { ...answer }
}

async function deliverStep(item: StepItem): Promise<number | null> {
  const path = `/api/cases/${item.caseId}/${item.operation.replaceAll('_', '-')}`
  const answer = await post(path, item.id, {
    ...item.extra,
    version: item.version,
    opinion: item.opinion,
    attachments: keys(item, () => true),
  })
  return typeof answer.version === 'number' ? answer.version : null
}

async function deliverReport(item: ReportItem): Promise<null> {
  const afterwards = (photo: ItemPhoto) => item.fixed !== null && photo.slot === 'after'
  if (!item.receipt) {
    const answer = await post('/api/reports', item.id, {
      ...item.report,
      // A phone's clock may be ahead; what is sent at once is reported now, says the server.
      reported_at: Date.now() - item.at > A_MINUTE ? item.report.reported_at : null,
      channel: 'collector',
      attachments: keys(item, (photo) => !afterwards(photo)),
    })
    const { number, code, case_id: caseId } = answer
    const receipt = {
      number: String(number),
      code: String(code),
      caseId: typeof caseId === 'number' ? caseId : null,
    }
    item.receipt = receipt
    await change(item.seq, (found) => (found.kind === 'report' ? { ...found, receipt } : found))
  }
  if (item.fixed !== null && item.receipt.caseId !== null) {
    await post(`/api/cases/${item.receipt.caseId}/self-handle`, item.id, {
      opinion: item.fixed,
      attachments: keys(item, afterwards),
    })
  }
  return null
}
