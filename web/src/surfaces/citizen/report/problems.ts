/** What is missing before the draft can be sent, by the id of the control to go to. */
import type { Place } from '../answers'
import type { Draft } from '../draft'
import { t } from '../words'

export interface Problems {
  where?: string
  text?: string
  contact?: string
}

/** In the order of the page. */
const CONTROLS: [keyof Problems, string][] = [
  ['where', 'report-address'],
  ['text', 'report-text'],
  ['contact', 'report-phone'],
]

export function problemsOf(draft: Draft, place: Place | undefined): Problems {
  const found: Problems = {}
  if (!draft.spot && !draft.address.trim()) found.where = t('need_place')
  if (draft.spot && place && !place.inside) found.where = t('where_outside')
  if (!draft.text.trim()) found.text = t('need_text')
  if (!draft.anonymous) {
    const digits = draft.phone.replace(/\D/g, '').length
    if (digits === 0) found.contact = t('need_contact')
    else if (digits < 5 || digits > 20) found.contact = t('bad_phone')
  }
  return found
}

/** The id of the first control with a problem; empty for none. */
export function firstProblem(problems: Problems): string {
  return CONTROLS.find(([name]) => problems[name])?.[1] ?? ''
}

/** Of what was told those that are so still: what is mended is not complained of any more, and
 * nothing new is while somebody writes. */
export function remaining(told: Problems, now: Problems): Problems {
  return {
    where: told.where && now.where,
    text: told.text && now.text,
    contact: told.contact && now.contact,
  }
}
