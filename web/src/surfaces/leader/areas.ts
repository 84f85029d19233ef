/** Areas by code: their names, and what lies below a street. */
import { send } from '../../api/client'

export interface Area {
  code: string
  name_zh: string
  name_en: string
}

/** Of how many digits the code of each level is (GB/T 2260 and below). */
export function levelOf(code: string): 'district' | 'street' | 'community' {
  if (code.length <= 6) return 'district'
  return code.length <= 9 ? 'street' : 'community'
}

export async function readArea(code: string, signal: AbortSignal): Promise<Area | undefined> {
  const query = new URLSearchParams({ below: code, limit: '1' })
  const page: { items: Area[] } = await (await send(`/api/areas?${query}`, { signal })).json()
  return page.items.find((area) => area.code === code)
}

export async function readCommunities(street: string, signal: AbortSignal): Promise<Area[]> {
  const query = new URLSearchParams({ below: street, level: 'community', limit: '200' })
  const page: { items: Area[] } = await (await send(`/api/areas?${query}`, { signal })).json()
  return page.items
}
