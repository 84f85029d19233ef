/** A call that is being written down: what is known, what is kept, what is sent. */
import type { Schemas } from '../../../api/client'

export interface Order {
  phone: string
  name: string
  channel: OrderChannel
  text: string
  matter_id: number | null
  address: string
  lon: number | null
  lat: number | null
  urgent: boolean
  open: boolean
  attachments: string[]
  /** The open case that this call is about once more. */
  same_as: number | null
  same_name: string
  /** One key for one call: a second click, or a lost answer, makes no second report. */
  key: string
}

export const CHANNELS = ['hotline', 'superior', 'leader', 'media'] as const
export type OrderChannel = (typeof CHANNELS)[number]

export function blank(): Order {
  return {
    phone: '',
    name: '',
    channel: 'hotline',
    text: '',
    matter_id: null,
    address: '',
    lon: null,
    lat: null,
    urgent: false,
    open: true,
    attachments: [],
    same_as: null,
    same_name: '',
    key: crypto.randomUUID(),
  }
}

/** What was kept, where it has the shape of an order; else a blank one. */
export function kept(value: unknown): Order {
  const order = blank()
  if (typeof value !== 'object' || value === null) return order
  const taken: [string, unknown][] = []
  for (const [name, own] of Object.entries(value)) {
    if (!(name in order)) continue
    const like = order[name as keyof Order]
    const fits = Array.isArray(like)
      ? Array.isArray(own)
      : like === null
        ? own === null || typeof own === 'number'
        : typeof own === typeof like
    if (fits) taken.push([name, own])
  }
  const found: Order = { ...order, ...Object.fromEntries(taken) }
  return CHANNELS.includes(found.channel) ? found : { ...found, channel: 'hotline' }
}

/** Whether anything was written down yet. */
export function isBegun(order: Order): boolean {
  return !!(
    order.phone ||
    order.name ||
    order.text ||
    order.address ||
    order.matter_id ||
    order.same_as ||
    order.lon !== null ||
    order.attachments.length
  )
}

/** The fields that are still needed; a call about a known case needs no words of its own. */
export function lacks(order: Order): ('text' | 'place')[] {
  if (order.same_as !== null) return []
  const place = order.lon !== null || order.address.trim() !== ''
  return [...(order.text.trim() ? [] : ['text' as const]), ...(place ? [] : ['place' as const])]
}

export function reportOf(order: Order): Schemas['ReportIn'] {
  const { phone, name, matter_id, lon, lat, same_as } = order
  return {
    text: order.text.trim(),
    channel: order.channel,
    ...(matter_id === null ? {} : { matter_id }),
    ...(lon === null || lat === null ? {} : { lon, lat }),
    system: 'cgcs2000',
    address: order.address.trim(),
    component_code: '',
    contact:
      phone.trim() || name.trim() ? { name: name.trim(), phone: phone.trim(), email: '' } : null,
    attachments: order.attachments,
    urgency: order.urgent ? 'urgent' : 'normal',
    public: order.open,
    source: '',
    external_id: '',
    ...(same_as === null ? {} : { same_as }),
  }
}

/** A number in groups, as it is read aloud on the phone: letter, day, then four by four. */
export function aloud(text: string): string {
  const [, letter = '', day = '', rest = text] = /^([A-Z])(\d{8})(.+)$/.exec(text) ?? []
  return [letter, day, ...(rest.match(/.{1,4}/g) ?? [])].filter(Boolean).join(' ')
}

/** Enough digits to be somebody's number. */
export function isPhone(text: string): boolean {
  return text.replace(/\D/g, '').length >= 7
}
