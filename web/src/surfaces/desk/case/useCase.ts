/** One case as it is now: read once, read again when the server says that it moved. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, take } from '../../../api/client'
import { useLive } from '../../../app/live'
import type { Choices, Matter } from './shape'

export const caseKey = (id: number) => ['case', id] as const

export function useCase(id: number) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: caseKey(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/cases/{case_id}', { params: { path: { case_id: id } }, signal })),
    staleTime: 5_000,
  })
  const known = query.data?.version ?? 0
  const live = useLive(['governance.case'], (event) => {
    if (event.subject_type !== 'case' || event.subject_id !== String(id)) return
    const version = event.payload.version
    if (typeof version === 'number' && version <= known) return
    void client.invalidateQueries({ queryKey: caseKey(id) })
    void client.invalidateQueries({ queryKey: ['case-suggestions', id] })
  })
  // What happened while the stream was away was told to nobody.
  const lost = useRef(false)
  useEffect(() => {
    if (live === 'lost') lost.current = true
    if (live !== 'open' || !lost.current) return
    lost.current = false
    void client.invalidateQueries({ queryKey: caseKey(id) })
  }, [live, client, id])
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
    queryFn: ({ signal }) => {
      const path = { case_id: id }
      return take(api.GET('/api/cases/{case_id}/suggestions', { params: { path }, signal }))
    },
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
      const path = { edition }
      return take(api.GET('/api/editions/{edition}/matters', { params: { path }, signal }))
    },
    enabled: wanted,
    staleTime: 30 * 60_000,
  })
}

/** The nearest deadline among the cases that wait for me, other than this one. */
export async function nextWaiting(id: number): Promise<number | null> {
  const query = { waiting: true, order: 'due' as const, limit: 2 }
  const page = await take(api.GET('/api/cases', { params: { query } }))
  return page.items.find((row) => row.id !== id)?.id ?? null
}
