/**
 * The leader's pages without a network: their files, the page, the ground and the basemap of the
 * communities that were taken along. It comes to the phone with the first of them.
 *
 * Its files are kept without workbox: the field pages' worker, whose scope is the beginning of
 * this one's, would sweep a precache of workbox's name away as one of its own.
 */
import { each } from '../../offline/fetching'
import { answerBasemap } from '../../offline/worker/ground'
import { KeptPage } from '../../offline/worker/page'
import { site } from '../../offline/worker/site'
import { isGround, tile } from '../../offline/worker/tile'
import { basemaps, FILES, grounds, SHELL } from './offline/caches'

const page = new KeptPage('/m/leader', SHELL)
const known = new Set(page.files.map((file) => file.url))

async function fetchFiles(): Promise<void> {
  const cache = await caches.open(FILES)
  // Names hold the content's hash: what is there is right.
  await each(page.files, async ({ url }) => {
    if (!(await cache.match(url, { ignoreVary: true }))) await cache.add(url)
  })
}

async function dropOldFiles(): Promise<void> {
  const cache = await caches.open(FILES)
  for (const request of await cache.keys()) {
    if (!known.has(new URL(request.url).pathname)) await cache.delete(request)
  }
}

page.settle(fetchFiles)
site.addEventListener('activate', (event) => event.waitUntil(dropOldFiles()))

site.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== site.location.origin) return
  if (request.mode === 'navigate') {
    if (/^\/m\/leader(\/|$)/.test(url.pathname)) event.respondWith(page.answer(request))
  } else if (known.has(url.pathname)) {
    event.respondWith(file(request))
  } else if (isGround(url)) {
    event.respondWith(grounds().then((names) => tile(request, event, names)))
  } else {
    answerBasemap(event, url, basemaps())
  }
})

async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: FILES, ignoreVary: true })
  return kept ?? fetch(request)
}
