/**
 * The report that is being written: kept word by word in this browser until the server has it.
 * Photos are in `album.ts`.
 */
import { useSyncExternalStore } from 'react'
import { fieldsOf, store, storedJson, textOf } from './shelf'

/** Where a position came from; `wgs84` is what cameras and satellites speak. */
export interface Spot {
  lon: number
  lat: number
  system: 'cgcs2000' | 'wgs84'
  source: 'photo' | 'device' | 'map'
  /** Metres, of a device's own estimate. */
  accuracy: number | null
}

export interface ChosenMatter {
  id: number
  zh: string
  en: string
}

export interface Draft {
  /** Sent as Idempotency-Key: however often this draft is sent, one report comes of it. */
  key: string
  changedAt: string
  text: string
  spot: Spot | null
  address: string
  /** The person's own words; no lookup may overwrite them. */
  addressByHand: boolean
  matter: ChosenMatter | null
  anonymous: boolean
  name: string
  phone: string
  public: boolean
  photoCount: number
  /** Open cases nearby of which the person said that they are something else. */
  apart: number[]
  /** What was sent under this key without an answer, to tell later changes from it. */
  tried: string
}

const KEY = 'chengyun.citizen.draft'
const listeners = new Set<() => void>()

/** A UUID; `crypto.randomUUID` is missing where the page came over plain HTTP. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function blank(): Draft {
  return {
    key: newKey(),
    changedAt: '',
    text: '',
    spot: null,
    address: '',
    addressByHand: false,
    matter: null,
    anonymous: true,
    name: '',
    phone: '',
    public: true,
    photoCount: 0,
    apart: [],
    tried: '',
  }
}

/** The draft in whatever was stored; null where it holds none. */
export function draftIn(value: unknown): Draft | null {
  const fields = fieldsOf(value)
  const key = textOf(fields.key)
  if (key.length < 16) return null
  return {
    key,
    changedAt: textOf(fields.changedAt),
    text: textOf(fields.text),
    spot: spotIn(fields.spot),
    address: textOf(fields.address),
    addressByHand: fields.addressByHand === true,
    matter: matterIn(fields.matter),
    anonymous: fields.anonymous !== false,
    name: textOf(fields.name),
    phone: textOf(fields.phone),
    public: fields.public !== false,
    photoCount: typeof fields.photoCount === 'number' ? fields.photoCount : 0,
    apart: Array.isArray(fields.apart)
      ? fields.apart.filter((id): id is number => typeof id === 'number')
      : [],
    tried: textOf(fields.tried),
  }
}

function spotIn(value: unknown): Spot | null {
  const { lon, lat, system, source, accuracy } = fieldsOf(value)
  if (typeof lon !== 'number' || typeof lat !== 'number') return null
  return {
    lon,
    lat,
    system: system === 'wgs84' ? 'wgs84' : 'cgcs2000',
    source: source === 'photo' || source === 'device' ? source : 'map',
    accuracy: typeof accuracy === 'number' ? accuracy : null,
  }
}

function matterIn(value: unknown): ChosenMatter | null {
  const { id, zh, en } = fieldsOf(value)
  return typeof id === 'number' ? { id, zh: textOf(zh), en: textOf(en) } : null
}

/** Whether there is anything that somebody would miss. */
export function isBlank(draft: Draft): boolean {
  const { text, address, addressByHand, name, phone, photoCount, spot, matter } = draft
  const words = text + name + phone + (addressByHand ? address : '')
  return !words.trim() && photoCount === 0 && spot === null && matter === null
}

const found = draftIn(storedJson(KEY))
let current: Draft = found ?? blank()

/** When the draft that this page was opened with was last changed; empty for none. */
export const restoredFrom: string = found && !isBlank(found) ? found.changedAt : ''

export function draft(): Draft {
  return current
}

export function change(part: Partial<Draft>): void {
  put({ ...current, ...part, changedAt: new Date().toISOString() })
}

/** Another draft in its place, under a key of its own; `seed` is what it starts with. */
export function beginDraft(seed: Partial<Draft> = {}): void {
  put({ ...blank(), ...seed, key: newKey(), tried: '' })
}

function put(next: Draft): void {
  current = next
  store(KEY, isBlank(next) && !next.tried ? null : JSON.stringify(next))
  for (const listener of listeners) listener()
}

export function useDraft(): Draft {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, draft)
}
