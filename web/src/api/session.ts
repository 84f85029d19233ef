/** Who is signed in. Signing in itself is the server's own page. */
import { api, type Schemas, send, take } from './client'
import { isRefusal } from './problem'

export type Me = Schemas['MeOut']
export type Role = Schemas['Role']

/** The signed-in person; null for nobody. */
export async function whoAmI(): Promise<Me | null> {
  try {
    return await take(api.GET('/api/me'))
  } catch (error) {
    if (isRefusal(error, 401)) return null
    throw error
  }
}

export function goSignIn(): void {
  const back = location.pathname + location.search
  location.assign(`/accounts/login/?next=${encodeURIComponent(back)}`)
}

export async function signOut(): Promise<void> {
  // allauth's headless session: 401 is its answer to a session that has ended.
  await send('/_allauth/browser/v1/auth/session', { method: 'DELETE' }).catch(() => undefined)
  location.assign('/accounts/login/')
}

export function holds(me: Me | null | undefined, ...roles: Role[]): boolean {
  return !!me?.roles.some((role) => roles.includes(role))
}
