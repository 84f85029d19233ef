/**
 * The field pages without a network: their files, the page itself, today's tiles and photos.
 * What people write does not pass here: the outbox (`store/`) belongs to the page, so that it
 * also works where a browser has no service workers. Where the browser says when the network is
 * back, the outbox is sent from here too, page or no page.
 */
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching'
import { CHOICE } from '../../offline/choice'
import { KeptPage } from '../../offline/worker/page'
import { orKept } from '../../offline/worker/patient'
import { site } from '../../offline/worker/site'
import { isGround, tile } from '../../offline/worker/tile'
import { BASEMAP, PHOTOS, SHELL, TILES } from './offline/caches'
import { TAG } from './store/sync'
import { sendUnwatched } from './store/unwatched'

const PAGE = '/m'
const MOST_PHOTOS = 400
/** Less than a map waits to be told of its basemap. */
const PATIENCE = 2_000
/** What is certainly no tile of the basemap; where else this server has those is a setting. */
const NO_BASEMAP = /^\/(api|live|static|accounts|_allauth)(\/|$)/
const page = new KeptPage(PAGE, SHELL)

precacheAndRoute(page.files)
cleanupOutdatedCaches()
page.settle()

site.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== site.location.origin) return
  if (request.mode === 'navigate') {
    if (isField(url.pathname)) event.respondWith(page.answer(request))
  } else if (isGround(url)) {
    event.respondWith(tile(request, event, [TILES]))
  } else if (url.pathname.startsWith('/api/attachments/') && url.searchParams.has('size')) {
    event.respondWith(photo(request, url))
  } else if (url.pathname === CHOICE) {
    event.respondWith(choice(request))
  } else if (!NO_BASEMAP.test(url.pathname)) {
    event.respondWith(tile(request, event, [BASEMAP]))
  }
})

/** Another basemap may be chosen any day: the kept answer is for when there is no network. */
async function choice(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: BASEMAP, ignoreVary: true })
  return orKept(fetch(request), kept, PATIENCE)
}

site.addEventListener('sync', (event) => {
  if (event.tag === TAG) event.waitUntil(isWatched().then(sendUnwatched))
})

async function isWatched(): Promise<boolean> {
  const pages = await site.clients.matchAll({ type: 'window' })
  return pages.some((page) => page.visibilityState === 'visible')
}

/** The leader's pages lie below `/m` too and have a worker of their own. */
function isField(path: string): boolean {
  return path === PAGE || (path.startsWith(`${PAGE}/`) && !/^\/m\/leader(\/|$)/.test(path))
}

/** A photo never changes. Without a network its smaller self is better than nothing. */
async function photo(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(PHOTOS)
  const kept = await cache.match(request, { ignoreVary: true })
  if (kept) return kept
  try {
    const answer = await fetch(request)
    if (answer.ok) {
      await cache.put(request, answer.clone())
      const keys = await cache.keys()
      for (const key of keys.slice(0, Math.max(0, keys.length - MOST_PHOTOS))) {
        await cache.delete(key)
      }
    }
    return answer
  } catch (error) {
    const small = await cache.match(`${url.pathname}?size=thumb`, { ignoreVary: true })
    if (small) return small
    throw error
  }
}
