/**
 * The field pages without a network: their files, the page itself, today's tiles and photos.
 * What people write does not pass here: the outbox (`store/`) belongs to the page, so that it
 * also works where a browser has no service workers. Where the browser says when the network is
 * back, the outbox is sent from here too, page or no page.
 */
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching'
import { answerBasemap } from '../../offline/worker/ground'
import { KeptPage } from '../../offline/worker/page'
import { site } from '../../offline/worker/site'
import { isGround, tile } from '../../offline/worker/tile'
import { BASEMAP, PHOTOS, SHELL, TILES } from './offline/caches'
import { TAG } from './store/sync'
import { sendUnwatched } from './store/unwatched'

const PAGE = '/m'
const MOST_PHOTOS = 400
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
  } else {
    answerBasemap(event, url, Promise.resolve([BASEMAP]))
  }
})

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
