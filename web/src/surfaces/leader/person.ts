/** Who looks: known to this browser without a network too, so that the kept numbers are theirs. */
import type { Me } from '../../api/session'

export interface Person {
  id: number
  name: string
}

const KEY = 'chengyun.leader.person'

export function personOf(me: Me): Person {
  return { id: me.user.id, name: me.user.display_name || me.user.username }
}

export function rememberPerson(person: Person): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(person))
  } catch {
    // Then there is nothing to show without a network.
  }
}

export function formerPerson(): Person | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    if (typeof found !== 'object' || found === null) return null
    const { id, name } = found as Partial<Person>
    return typeof id === 'number' && typeof name === 'string' ? { id, name } : null
  } catch {
    return null
  }
}
