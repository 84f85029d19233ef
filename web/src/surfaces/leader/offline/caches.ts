/** Names that the leader's pages and their service worker share. */
export const FILES = 'leader-files'
export const SHELL = 'leader-shell'
const GROUND = 'leader-ground.'

/** The cache of a community's tiles: each its own, so that one can be let go. */
export function groundOf(owner: number, code: string): string {
  return `${GROUND}${owner}.${code}`
}

export async function grounds(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(GROUND))
}

/** Everything that was taken along leaves the phone, and the worker with it. */
export async function dropCaches(): Promise<void> {
  if (typeof caches === 'undefined') return
  await Promise.all([FILES, SHELL, ...(await grounds())].map((name) => caches.delete(name)))
}
