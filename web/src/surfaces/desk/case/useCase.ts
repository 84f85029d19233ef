/** One case as it is now: read once, read again when the server says that it moved. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, send, take } from '../../../api/client'
import { useLive } from '../../../app/live'
import type { CaseDetail, Choices, Matter, Suggestions } from './shape'

export const caseKey = (id: number) => ['case', id] as const

async function readCase(id: number, signal?: AbortSignal): Promise<CaseDetail> {
  const path = { case_id: id }
  const found = await take(api.GET('/api/cases/{case_id}', { params: { path }, signal }))
  return found as CaseDetail
}

export function useCase(id: number) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: caseKey(id),
    queryFn: ({ signal }) => readCase(id, signal),
    staleTime: 5_000,
  })
  const known = query.data?.version ?? 0
  useLive(['governance.case'], (event) => {
    if (event.subject_type !== 'case' || event.subject_id !== String(id)) return
    const version = event.payload.version
    if (typeof version === 'number' && version <= known) return
    void client.invalidateQueries({ queryKey: caseKey(id) })
    void client.invalidateQueries({ queryKey: ['case-suggestions', id] })
  })
  return query
}

/** What the forms of a case offer; depends on its matter and department, so on its version. */
export function useChoices(id: number, version: number, wanted: boolean) {
  return useQuery({
    queryKey: ['case-choices', id, version],
    queryFn: ({ signal }): Promise<Choices> =>
      take(api.GET('/api/cases/{case_id}/choices', { params: { path: { case_id: id } }, signal })),
    enabled: wanted,
    staleTime: 60_000,
    placeholderData: (before) => before,
  })
}

export function useSuggestions(id: number, wanted: boolean) {
  return useQuery({
    queryKey: ['case-suggestions', id],
    queryFn: async ({ signal }): Promise<Suggestions> =>
      (await send(`/api/cases/${id}/suggestions`, { signal })).json(),
    enabled: wanted,
    staleTime: 60_000,
  })
}

/** The matters of the city's own edition, for choosing one by its name. */
export function useMatters(wanted = true) {
  return useQuery({
    queryKey: ['matters'],
    queryFn: async ({ signal }): Promise<Matter[]> => {
      const editions = await take(api.GET('/api/editions', { signal }))
      const edition = (editions.find((each) => each.is_default) ?? editions[0])?.code
      if (!edition) return []
      return (await send(`/api/editions/${edition}/matters`, { signal })).json()
    },
    enabled: wanted,
    staleTime: 30 * 60_000,
  })
}

/** The nearest deadline among the cases that wait for me, other than this one. */
export async function nextWaiting(id: number): Promise<number | null> {
  const answer = await send('/api/cases?waiting=true&order=due&limit=2')
  const page: { items: { id: number }[] } = await answer.json()
  return page.items.find((row) => row.id !== id)?.id ?? null
}
