/** What the tasks pages ask the server. */
import { api, type Schemas, send, take } from '../../../api/client'

export type TaskRow = Schemas['TaskRow']
export type Detail = Schemas['CaseDetail']

/** A subclass of the city's own edition, as a report names it. */
export interface Matter {
  id: number
  token: string
  class_code: string
  class_zh: string
  class_en: string
  name_zh: string
  name_en: string
  aliases: string[]
}

const MOST_PAGES = 4

/** My open tasks and those of my area that nobody has yet; at most 800. */
export async function fetchTasks(signal: AbortSignal): Promise<TaskRow[]> {
  const rows: TaskRow[] = []
  let cursor: string | undefined
  for (let turn = 0; turn < MOST_PAGES; turn++) {
    const query = { mine: true, limit: 200, ...(cursor ? { cursor } : {}) }
    const page = await take(api.GET('/api/tasks', { params: { query }, signal }))
    rows.push(...page.items)
    if (!page.next) break
    cursor = page.next
  }
  return rows
}

export function fetchCase(id: number, signal: AbortSignal): Promise<Detail> {
  return take(api.GET('/api/cases/{case_id}', { params: { path: { case_id: id } }, signal }))
}

/** The matters of the city's own edition. */
export async function fetchMatters(signal: AbortSignal): Promise<Matter[]> {
  const editions = await take(api.GET('/api/editions', { signal }))
  const own = editions.find((edition) => edition.is_default) ?? editions[0]
  if (!own) return []
  const answer = await send(`/api/editions/${encodeURIComponent(own.code)}/matters`, { signal })
  return (await answer.json()) as Matter[]
}
