/** One component as it is now, its life, and the names that its pages offer. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, take } from '../../../api/client'
import { readCasesOf, readChanges, readComponent } from '../../../api/components'
import { useLive } from '../../../app/live'

export const componentKey = (code: string) => ['component', code] as const

export function useComponent(code: string) {
  const client = useQueryClient()
  useLive(['city.component'], (event) => {
    if (event.subject_id === code) void client.invalidateQueries({ queryKey: componentKey(code) })
  })
  return useQuery({
    queryKey: componentKey(code),
    queryFn: ({ signal }) => readComponent(code, signal),
  })
}

export function useChanges(code: string) {
  return useInfiniteQuery({
    queryKey: [...componentKey(code), 'changes'],
    queryFn: ({ pageParam, signal }) => readChanges(code, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  })
}

export function useCasesOf(code: string) {
  return useInfiniteQuery({
    queryKey: [...componentKey(code), 'cases'],
    queryFn: ({ pageParam, signal }) => readCasesOf(code, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  })
}

/** Every organisation by name: owners may be any, not only who handles cases. */
export function useOrganisations(wanted = true) {
  return useQuery({
    queryKey: ['choices', 'organisations'],
    queryFn: async ({ signal }) => {
      const found: { code: string; name_zh: string; name_en: string }[] = []
      let cursor: string | undefined
      do {
        const query = { limit: 200, cursor }
        const page: { items: typeof found; next?: string | null } = await take(
          api.GET('/api/organisations', { params: { query }, signal }),
        )
        found.push(...page.items)
        cursor = page.next ?? undefined
      } while (cursor)
      return found
    },
    enabled: wanted,
    staleTime: 30 * 60_000,
    refetchOnWindowFocus: false,
  }).data
}

/** The editions of the catalogue, by name. */
export function useEditions() {
  return useQuery({
    queryKey: ['choices', 'editions'],
    queryFn: ({ signal }) => take(api.GET('/api/editions', { signal })),
    staleTime: 30 * 60_000,
    refetchOnWindowFocus: false,
  }).data
}

/** The classes of the city's own edition. */
export function useClasses(wanted = true) {
  return useQuery({
    queryKey: ['choices', 'component-classes'],
    queryFn: async ({ signal }) => {
      const editions = await take(api.GET('/api/editions', { signal }))
      const edition = (editions.find((each) => each.is_default) ?? editions[0])?.code
      if (!edition) return []
      const params = { path: { edition } }
      return take(api.GET('/api/editions/{edition}/component-classes', { params, signal }))
    },
    enabled: wanted,
    staleTime: 30 * 60_000,
    refetchOnWindowFocus: false,
  }).data
}
