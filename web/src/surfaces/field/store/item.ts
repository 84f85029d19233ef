/** One thing to send: photos first, then what they belong to. */

/** Where a photo belongs; near, far and reference are what a check asks for. */
export type Slot = 'near' | 'far' | 'reference' | 'before' | 'after' | 'scene'

export interface ItemPhoto {
  id: string
  slot: Slot
  /** Dropped once everything was sent. */
  blob: Blob | null
  /** The server's name of it, once it has it: it is never sent twice. */
  key: string | null
}

/**
 * waiting: will be sent. sending: on its way. sent: the server has it. refused: the server said
 * no, a person must look. conflict: somebody was faster, a person must decide.
 */
export type ItemState = 'waiting' | 'sending' | 'sent' | 'refused' | 'conflict'

interface Base {
  /** Order of sending; the database counts it up. */
  seq?: number
  /** Also the Idempotency-Key: a repetition of the same content is the same submission. */
  id: string
  owner: number
  /** Items of one lane are sent strictly one after the other. */
  lane: string
  title: string
  at: number
  photos: ItemPhoto[]
  state: ItemState
  tries: number
  /** Not before this moment (milliseconds). */
  next: number
  problem: string
  sentAt: number | null
}

/** An operation of the flow on a case as it was when the form was opened. */
export interface StepItem extends Base {
  kind: 'step'
  caseId: number
  operation: string
  /** What the person chose, in the words of the form (`tasks/acts`). */
  act: string
  version: number
  opinion: string
  extra: Record<string, string>
}

/** A new report; with `fixed` the reporter has put it right at once. */
export interface ReportItem extends Base {
  kind: 'report'
  report: ReportBody
  fixed: string | null
  receipt: Receipt | null
}

export interface ReportBody {
  text: string
  matter_id: number | null
  lon: number | null
  lat: number | null
  system: 'wgs84' | 'cgcs2000'
  address: string
  component_code: string
  urgency: 'normal' | 'urgent'
  reported_at: string
}

export interface Receipt {
  number: string
  code: string
  caseId: number | null
}

export type Item = StepItem | ReportItem
/** What a form hands over; the outbox adds the rest. */
type Own = 'seq' | 'id' | 'lane' | 'state' | 'tries' | 'next' | 'problem' | 'sentAt' | 'at'
export type NewStep = Omit<StepItem, Own>
export type NewReport = Omit<ReportItem, Own | 'receipt'>
