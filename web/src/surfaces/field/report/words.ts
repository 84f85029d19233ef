/** What the form of a report holds while it is written. */
import type { ReportBody, ReportItem } from '../store/item'

export const REPORT_DRAFT = 'report'

export interface PlaceWords {
  lon: number
  lat: number
  system: 'wgs84' | 'cgcs2000'
  source: 'position' | 'photo' | 'component' | 'pin'
  accuracy: number | null
}

export interface ReportWords {
  text: string
  address: string
  matter: number | null
  component: string
  place: PlaceWords | null
  urgency: 'normal' | 'urgent'
  fixed: boolean
  fixedText: string
}

export const EMPTY: ReportWords = {
  text: '',
  address: '',
  matter: null,
  component: '',
  place: null,
  urgency: 'normal',
  fixed: false,
  fixedText: '',
}

export type Missing = 'need_text' | 'need_where' | 'need_fixed' | 'need_after'

/** What is still missing before the report may go, or null. */
export function missing(words: ReportWords, photos: readonly { slot: string }[]): Missing | null {
  if (!words.text.trim()) return 'need_text'
  if (!words.place && !words.component.trim()) return 'need_where'
  if (words.fixed && !words.fixedText.trim()) return 'need_fixed'
  if (words.fixed && !photos.some((photo) => photo.slot === 'after')) return 'need_after'
  return null
}

export function bodyOf(words: ReportWords, now: Date): ReportBody {
  const { place } = words
  return {
    text: words.text.trim(),
    matter_id: words.matter,
    lon: place?.lon ?? null,
    lat: place?.lat ?? null,
    system: place?.system ?? 'cgcs2000',
    address: words.address.trim(),
    component_code: words.component.trim(),
    urgency: words.urgency,
    reported_at: now.toISOString(),
  }
}

/** The form again, from a report that was not sent. */
export function wordsOfReport({ report, fixed }: ReportItem): ReportWords {
  const { lon, lat, system } = report
  return {
    text: report.text,
    address: report.address,
    matter: report.matter_id,
    component: report.component_code,
    place:
      lon === null || lat === null ? null : { lon, lat, system, source: 'pin', accuracy: null },
    urgency: report.urgency,
    fixed: fixed !== null,
    fixedText: fixed ?? '',
  }
}
