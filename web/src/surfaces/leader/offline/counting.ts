/** The inventory's numbers and lists, counted on the phone from a community that was taken along. */
import type { Component } from '../../../api/components'
import type { Inventory } from '../../../api/overview'
import type { Wanted } from '../inventory'
import { t, word } from '../opened/text'
import type { Community } from './store'

const BAD = new Set(['damaged', 'lost'])

/** The components that a narrowing leaves, in the order of their codes. */
export function narrowed(rows: readonly Component[], wanted: Omit<Wanted, 'by'>): Component[] {
  return rows.filter(
    (row) =>
      row.state !== 'removed' &&
      row.component_class.startsWith(wanted.class_code) &&
      (!wanted.state || row.state === wanted.state) &&
      (!wanted.maintainer || row.maintainer?.code === wanted.maintainer),
  )
}

/** Rows whose code begins with, or whose name contains, what somebody wrote. */
export function found(rows: readonly Component[], text: string): Component[] {
  const wanted = text.trim().toLowerCase()
  if (!wanted) return []
  return rows.filter(
    (row) => row.code.startsWith(wanted) || row.name.toLowerCase().includes(wanted),
  )
}

/** As the server would count them; districts and streets are one row: the community itself. */
export function inventoryOf(
  kept: Community,
  rows: readonly Component[],
  wanted: Wanted,
): Inventory {
  const left = narrowed(rows, wanted)
  const sums = new Map<string, Inventory['rows'][number]>()
  for (const row of left) {
    const name = nameOf(kept, row, wanted.by)
    const sum = sums.get(name.key) ?? { ...name, count: 0, damaged: 0 }
    sums.set(name.key, sum)
    sum.count += 1
    if (BAD.has(row.state)) sum.damaged += 1
  }
  return {
    ...kept.classes,
    by: wanted.by,
    total: left.length,
    rows: [...sums.values()].sort((a, b) => b.count - a.count || a.key.localeCompare(b.key)),
  }
}

interface Name {
  key: string
  name_zh: string
  name_en: string
}

/** Names that are words of ours are of the language spoken now. */
function nameOf(kept: Community, row: Component, by: Wanted['by']): Name {
  const called = (key: string, name: string) => ({ key, name_zh: name, name_en: name })
  if (by === 'class') {
    const own = kept.classes.rows.find(
      ({ key }) => key && !key.includes(':') && row.component_class.startsWith(key),
    )
    return own ? { key: own.key, name_zh: own.name_zh, name_en: own.name_en } : called('', '—')
  }
  if (by === 'subclass') {
    return { key: row.component_class, name_zh: row.class_zh, name_en: row.class_en }
  }
  if (by === 'state') return called(row.state, word('state', row.state))
  if (by === 'maintainer') {
    const { maintainer } = row
    if (!maintainer) return called('', t('no_maintainer'))
    const { code, name_zh, name_en } = maintainer
    return { key: code, name_zh, name_en }
  }
  return { key: kept.code, name_zh: kept.name_zh, name_en: kept.name_en }
}
