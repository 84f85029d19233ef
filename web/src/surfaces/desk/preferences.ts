/**
 * What a person has set up for themselves, kept by the server so that it follows them to another
 * computer. A write is shown at once and taken back if the server refuses it.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback } from 'react'
import { send } from '../../api/client'
import { said } from '../../api/problem'

type Preferences = Record<string, unknown>
const KEY = ['preferences']

async function read(): Promise<Preferences> {
  const response = await send('/api/me/preferences')
  return (await response.json()) as Preferences
}

export interface Preference<T> {
  value: T
  /** False until the server has answered: what depends on it may wait for that. */
  known: boolean
  save: (next: T) => void
}

/** `check` says whether what was kept (perhaps by an older version) is still of use. */
export function usePreference<T>(
  name: string,
  otherwise: T,
  check: (value: unknown) => value is T,
): Preference<T> {
  const client = useQueryClient()
  const { message } = App.useApp()
  const { data, isPending } = useQuery({
    queryKey: KEY,
    queryFn: read,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
  const { mutate } = useMutation({
    // One after the other, so that the last wish is the one that stays.
    scope: { id: `preference ${name}` },
    mutationFn: (next: T) =>
      send(`/api/me/preferences/${name}`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(next),
      }),
    onMutate: (next) => {
      const before = client.getQueryData<Preferences>(KEY)
      client.setQueryData<Preferences>(KEY, { ...before, [name]: next })
      return before
    },
    onError: (error, _next, before) => {
      client.setQueryData(KEY, before)
      void message.error(said(error))
    },
  })
  const kept = data?.[name]
  const save = useCallback((next: T) => mutate(next), [mutate])
  return { value: check(kept) ? kept : otherwise, known: !isPending, save }
}
