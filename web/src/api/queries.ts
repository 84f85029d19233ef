/**
 * TanStack Query for the surfaces that read much (desk, leader, screen): one client a page, which
 * retries only what may succeed, never a refusal. The citizen's and the field pages do without:
 * they have 90 kB in all.
 */
import { QueryClient, useQuery } from '@tanstack/react-query'
import { Refusal } from './problem'
import { type Me, whoAmI } from './session'

export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: true,
        retry: (count, error) =>
          error instanceof Refusal ? error.status >= 500 && count < 2 : count < 2,
      },
      mutations: { retry: false },
    },
  })
}

/** Undefined while asking, null for nobody. */
export function useMe(): Me | null | undefined {
  return useQuery({ queryKey: ['me'], queryFn: whoAmI, staleTime: 60_000, retry: 1 }).data
}
