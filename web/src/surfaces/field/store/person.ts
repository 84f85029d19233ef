/** Whose phone this is now: known without a network too, forgotten when somebody else comes. */
import { useCallback, useEffect, useState } from 'react'
import { isAway } from '../../../api/problem'
import { type Me, whoAmI } from '../../../api/session'
import { dropCaches } from '../offline/caches'
import { forgetKept } from './kept'

const KEY = 'chengyun.field.me'

function remembered(): Me | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return typeof kept === 'object' && kept !== null && 'user' in kept ? (kept as Me) : null
  } catch {
    return null
  }
}

function remember(me: Me | null): void {
  try {
    if (me) localStorage.setItem(KEY, JSON.stringify(me))
    else localStorage.removeItem(KEY)
  } catch {
    // Then the next start needs a network.
  }
}

/** Everything that was read for one person leaves the phone. */
export async function forgetPerson(): Promise<void> {
  remember(null)
  await Promise.all([forgetKept(), dropCaches()])
}

export interface Person {
  /** Undefined while asking, null for nobody. */
  me: Me | null | undefined
  /** The server could not be asked; `me` is who was here last. */
  error: unknown
  again: () => void
}

export function usePerson(): Person {
  const [state, setState] = useState<Omit<Person, 'again'>>(() => ({
    me: remembered() ?? undefined,
    error: null,
  }))
  const ask = useCallback(() => {
    whoAmI().then(
      async (me) => {
        const before = remembered()
        if (before && me && before.user.id !== me.user.id) await forgetPerson()
        if (me) remember(me)
        setState({ me, error: null })
      },
      (error: unknown) => {
        const me = isAway(error) ? remembered() : null
        setState({ me: me ?? undefined, error })
      },
    )
  }, [])
  useEffect(ask, [ask])
  return { ...state, again: ask }
}
