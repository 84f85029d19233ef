/** Which rows of a survey are looked at: the page's address. */
import { textOf } from '../search'
import { VERDICTS, type Verdict } from './survey'

export interface SurveySearch {
  verdict?: Verdict
  reason?: string
  cursor?: string
}

export function readSurveySearch(search: Record<string, unknown>): SurveySearch {
  const read: SurveySearch = {}
  const verdict = VERDICTS.find((each) => each === textOf(search.verdict))
  if (verdict) read.verdict = verdict
  const reason = textOf(search.reason)
  if (reason && /^[a-z_]{1,40}$/.test(reason)) read.reason = reason
  const cursor = textOf(search.cursor)
  if (cursor) read.cursor = cursor
  return read
}
