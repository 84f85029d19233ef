/** Names that the page and its service worker share. */
export const TILES = 'field-tiles'
export const BASEMAP = 'field-basemap'
export const PHOTOS = 'field-photos'
export const SHELL = 'field-shell'

/** What was fetched for one person leaves the phone. */
export async function dropCaches(): Promise<void> {
  if (typeof caches === 'undefined') return
  await Promise.all([TILES, BASEMAP, PHOTOS].map((name) => caches.delete(name)))
}
