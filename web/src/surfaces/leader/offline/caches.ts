/** Names that the leader's pages and their service worker share. */
export const FILES = 'leader-files'
export const SHELL = 'leader-shell'
const GROUND = 'leader-ground.'
const BASEMAP = 'leader-basemap.'

/** The cache of a community's tiles: each its own, so that one can be let go. */
export function groundOf(owner: number, code: string): string {
  return `${GROUND}${owner}.${code}`
}

/** The cache of its part of the basemap. */
export function basemapOf(owner: number, code: string): string {
  return `${BASEMAP}${owner}.${code}`
}

async function named(begin: string): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(begin))
}

export function grounds(): Promise<string[]> {
  return named(GROUND)
}

export function basemaps(): Promise<string[]> {
  return named(BASEMAP)
}

/** Everything that was taken along leaves the phone, and the worker with it. */
export async function dropCaches(): Promise<void> {
  if (typeof caches === 'undefined') return
  const all = [FILES, SHELL, ...(await grounds()), ...(await basemaps())]
  await Promise.all(all.map((name) => caches.delete(name)))
}
