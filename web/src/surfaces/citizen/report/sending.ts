/**
 * Sending the draft: photos first, each once, then the report under the draft's key. Whatever
 * fails, the draft stays as it is and the next try goes on with what is left.
 */
import { useSyncExternalStore } from 'react'
import { isRefusal, said } from '../../../api/problem'
import { forgetPhotos, markUploaded, photos } from '../album'
import { postReport, type Receipt, type ReportBody } from '../answers'
import { beginDraft, change, type Draft, draft } from '../draft'
import { keepReport } from '../kept'
import { uploadPhoto } from './upload'

export interface Sent extends Receipt {
  joined: boolean
  /** An earlier try had arrived, and what was changed since is not in it. */
  edited: boolean
}

export interface Sending {
  busy: false | 'photos' | 'report'
  /** The photo that is on its way, from 1. */
  n: number
  of: number
  /** Of that photo, 0…1. */
  part: number
  /** The sentence of what went wrong, and the field it is about. */
  problem: string
  field: string
}

const IDLE: Sending = { busy: false, n: 0, of: 0, part: 0, problem: '', field: '' }
const listeners = new Set<() => void>()
let state: Sending = IDLE

function show(next: Sending): void {
  state = next
  for (const listener of listeners) listener()
}

export function useSending(): Sending {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}

/** The field that the last refusal was about; empty for none. */
export function sendingProblemField(): string {
  return state.field
}

export function forgetProblem(): void {
  if (!state.busy && state.problem) show(IDLE)
}

/** What the server is sent for this draft. `sameAs` is the open case that it joins. */
export function bodyOf(draft: Draft, keys: readonly string[], sameAs: number | null): ReportBody {
  const { text, matter, spot, address, anonymous, name, phone } = draft
  return {
    text: text.trim(),
    matter_id: matter?.id ?? null,
    lon: spot?.lon ?? null,
    lat: spot?.lat ?? null,
    system: spot?.system ?? 'cgcs2000',
    address: address.trim(),
    contact: anonymous ? null : { name: name.trim(), phone: phone.trim() },
    attachments: [...keys],
    public: draft.public,
    same_as: sameAs,
  }
}

/** The receipt, or null when it failed: `useSending` says how. Never runs twice at once. */
export async function sendDraft(sameAs: number | null): Promise<Sent | null> {
  if (state.busy) return null
  show({ ...IDLE, busy: 'report' })
  try {
    const sent = await attempt(sameAs, true)
    show(IDLE)
    return sent
  } catch (error) {
    show({ ...IDLE, problem: said(error), field: isRefusal(error) ? error.field : '' })
    return null
  }
}

async function attempt(sameAs: number | null, mayRepeat: boolean): Promise<Sent> {
  await uploadAll()
  const now = draft()
  const keys = photos().map((photo) => photo.uploaded)
  const body = bodyOf(now, keys, sameAs)
  const written = JSON.stringify(body)
  const before = now.tried
  show({ ...IDLE, busy: 'report' })
  // Kept before the answer: a server that dies after writing must not get another report.
  change({ tried: before || written })
  let receipt: Receipt
  try {
    receipt = await postReport(body, now.key)
  } catch (error) {
    if (isRefusal(error) && error.status < 500) {
      // Surely not written, so that a changed draft is no edit of something sent.
      change({ tried: before })
      if (error.field === 'attachments' && mayRepeat && keys.length > 0) {
        // The server has forgotten the pictures (a draft of long ago, or somebody signed in).
        for (const { id } of photos()) await markUploaded(id, '')
        return attempt(sameAs, false)
      }
    }
    throw error
  }
  const edited = !receipt.created && before !== written
  const { number, code } = receipt
  keepReport({ number, code, text: now.text, at: new Date().toISOString() })
  if (edited) {
    beginDraft(draft())
  } else {
    beginDraft()
    await forgetPhotos()
  }
  return { ...receipt, joined: sameAs !== null, edited }
}

async function uploadAll(): Promise<void> {
  const of = photos().length
  for (const [index, { id, blob, uploaded }] of photos().entries()) {
    if (uploaded) continue
    const step: Sending = { ...IDLE, busy: 'photos', n: index + 1, of }
    show(step)
    const key = await uploadPhoto(blob, (part) => show({ ...step, part }))
    await markUploaded(id, key)
  }
}
