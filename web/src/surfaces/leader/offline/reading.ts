/**
 * Reads that fall back on what was taken along. Without a network the same pages show the
 * community on the phone; `at` then says of when it is.
 */
import { type Component, type Page, readComponent, readComponents } from '../../../api/components'
import { type Inventory, readInventory } from '../../../api/overview'
import { isAway } from '../../../api/problem'
import { inventoryQuery, type Wanted } from '../inventory'
import { found, inventoryOf, narrowed } from './counting'
import { communities, community, componentsOf } from './store'

const SHEET = 50

/** When the answer was read, if it comes from the phone. */
export interface Dated {
  at?: number
}

export async function inventory(
  owner: number,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Inventory & Dated> {
  return orKept<Inventory & Dated>(
    () => readInventory(inventoryQuery(wanted), signal),
    async () => {
      const kept = wanted.area ? await community(owner, wanted.area) : undefined
      if (!kept) return undefined
      const rows = await componentsOf(owner, kept.code)
      return { ...inventoryOf(kept, rows, wanted), at: kept.at }
    },
  )
}

/** A sheet of a list; the cursor of a kept list is how many were shown. */
export async function components(
  owner: number,
  wanted: Wanted,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Page<Component> & Dated> {
  const query = new URLSearchParams()
  if (wanted.class_code) query.set('class', wanted.class_code)
  for (const name of ['area', 'state', 'maintainer'] as const) {
    if (wanted[name]) query.set(name, wanted[name])
  }
  const kept = async () => {
    const whole = wanted.area ? await community(owner, wanted.area) : undefined
    if (!whole) return undefined
    const rows = narrowed(await componentsOf(owner, whole.code), wanted)
    const from = cursor && /^\d+$/.test(cursor) ? Number(cursor) : 0
    const until = from + SHEET
    return {
      items: rows.slice(from, until),
      next: until < rows.length ? String(until) : null,
      at: whole.at,
    }
  }
  return orKept<Page<Component> & Dated>(() => readComponents(query, cursor, signal), kept)
}

export async function component(
  owner: number,
  code: string,
  signal: AbortSignal,
): Promise<Component & Dated> {
  return orKept<Component & Dated>(
    () => readComponent(code, signal),
    async () => {
      for (const each of await communities(owner)) {
        const row = (await componentsOf(owner, each.code)).find((one) => one.code === code)
        if (row) return { ...row, at: each.at }
      }
      return undefined
    },
  )
}

/** In everything that was taken along; the first of them. */
export async function search(owner: number, text: string): Promise<Component[]> {
  const lists = await Promise.all(
    (await communities(owner)).map((each) => componentsOf(owner, each.code)),
  )
  return lists.flatMap((rows) => found(rows, text)).slice(0, SHEET)
}

async function orKept<T>(ask: () => Promise<T>, kept: () => Promise<T | undefined>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isAway(error)) throw error
    const found = await kept().catch(() => undefined)
    if (found === undefined) throw error
    return found
  }
}
