/** Tiles that were taken along are shown as they were fetched and brought up to date behind; others
 * are nothing to keep. */
import type { Extendable } from './site'

/** Cases move every minute: their tiles are never kept. */
export function isGround(url: URL): boolean {
  return url.pathname.startsWith('/tiles/') && !url.pathname.startsWith('/tiles/cases')
}

/** `names` are the caches that may hold it. */
export async function tile(
  request: Request,
  event: Extendable,
  names: readonly string[],
): Promise<Response> {
  for (const name of names) {
    const cache = await caches.open(name)
    const kept = await cache.match(request, { ignoreVary: true })
    if (!kept) continue
    event.waitUntil(
      fetch(request).then(
        (answer) => (answer.ok ? cache.put(request, answer) : undefined),
        () => undefined,
      ),
    )
    return kept
  }
  return fetch(request)
}
