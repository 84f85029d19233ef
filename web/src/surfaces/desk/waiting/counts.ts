/** How much waits for me, as the server counts it (each number to at most `capped`). */
import { send } from '../../../api/client'

export interface Work {
  waiting: number
  overdue: number
  due_today: number
  requests: number
  visits: number
  supervised: number
  capped: number
}

export const WORK = ['work'] as const

export async function readWork({ signal }: { signal?: AbortSignal } = {}): Promise<Work> {
  const response = await send('/api/work', { signal })
  return (await response.json()) as Work
}
