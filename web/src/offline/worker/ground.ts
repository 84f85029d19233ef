/** The basemap that was kept, for the workers of all phone pages. */
import { CHOICE } from '../choice'
import { orKept } from './patient'
import type { Fetching } from './site'
import { tile } from './tile'

/** Less than a map waits to be told of its basemap. */
const PATIENCE = 2_000
/** What is certainly no tile of the basemap; where else this server has those is a setting. */
const NO_BASEMAP = /^\/(api|live|static|accounts|_allauth)(\/|$)/

/** Answers what may be asked of a basemap; `names` are the caches that may hold it. */
export function answerBasemap(event: Fetching, url: URL, names: Promise<readonly string[]>): void {
  const { request } = event
  if (url.pathname === CHOICE) {
    event.respondWith(names.then((known) => choice(request, known)))
  } else if (!NO_BASEMAP.test(url.pathname)) {
    event.respondWith(names.then((known) => tile(request, event, known)))
  }
}

/** Another basemap may be chosen any day: the kept answer is for when there is no network. */
async function choice(request: Request, names: readonly string[]): Promise<Response> {
  let kept: Response | undefined
  for (const cacheName of names) {
    kept ??= await caches.match(request, { cacheName, ignoreVary: true })
  }
  return orKept(fetch(request), kept, PATIENCE)
}
