/**
 * The field pages without a network: their files, the page itself, today's tiles and photos.
 * What people write does not pass here: the outbox (`store/`) belongs to the page, so that it
 * also works where a browser has no service workers.
 */
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching'
import { PHOTOS, SHELL, TILES } from './offline/caches'

/** Of the worker's own surroundings only what is used here: the page's types say `window`. */
interface Extendable extends Event {
  waitUntil(done: Promise<unknown>): void
}
interface Fetching extends Extendable {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Worker {
  addEventListener(type: 'install' | 'activate', handle: (event: Extendable) => void): void
  addEventListener(type: 'fetch', handle: (event: Fetching) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  readonly location: Location
}

/** Written by the build: every file of the field pages, and a name for that set. */
declare const __FILES__: { url: string; revision: string | null }[]
declare const __VERSION__: string

const worker = globalThis as unknown as Worker
const PAGE = '/m'
const PATIENCE = 4_000
const MOST_PHOTOS = 400

precacheAndRoute(__FILES__)
cleanupOutdatedCaches()

worker.addEventListener('install', (event) => {
  void worker.skipWaiting()
  event.waitUntil(freshPage(new Request(PAGE)).catch(() => undefined))
})
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate') {
    if (isField(url.pathname)) event.respondWith(page(request))
  } else if (url.pathname.startsWith('/tiles/') && !url.pathname.startsWith('/tiles/cases')) {
    event.respondWith(tile(request, event))
  } else if (url.pathname.startsWith('/api/attachments/') && url.searchParams.has('size')) {
    event.respondWith(photo(request, url))
  }
})

/** The leader's pages lie below `/m` too and are not for here. */
function isField(path: string): boolean {
  return path === PAGE || (path.startsWith(`${PAGE}/`) && !/^\/m\/leader(\/|$)/.test(path))
}

/** From the network, kept if every file it names is one we have: a page of a newer build would
 * not start without a network. */
async function freshPage(request: Request): Promise<Response> {
  const answer = await fetch(request, { cache: 'no-store' })
  if (answer.ok && !answer.redirected) {
    const html = await answer.clone().text()
    const files = html.match(/\/static\/pages\/assets\/[\w.-]+\.(?:js|css)/g) ?? []
    const known = new Set(__FILES__.map((file) => file.url))
    if (files.every((file) => known.has(file))) {
      const cache = await caches.open(SHELL)
      await cache.put(`${PAGE}?${__VERSION__}`, answer.clone())
      for (const key of await cache.keys()) {
        if (!key.url.endsWith(__VERSION__)) await cache.delete(key)
      }
    }
  }
  return answer
}

/** The network first; the kept page when it is silent, slow or broken. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match(`${PAGE}?${__VERSION__}`, { cacheName: SHELL })
  const asked = freshPage(new Request(request.url))
  if (!kept) return asked
  const patience = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE))
  const answer = await Promise.race([asked.catch(() => null), patience])
  asked.catch(() => undefined)
  return answer && answer.status < 500 ? answer : kept
}

/** Tiles of today are shown as they were fetched and brought up to date behind; others are
 * nothing to keep. */
async function tile(request: Request, event: Extendable): Promise<Response> {
  const cache = await caches.open(TILES)
  const kept = await cache.match(request, { ignoreVary: true })
  if (!kept) return fetch(request)
  event.waitUntil(
    fetch(request).then(
      (answer) => (answer.ok ? cache.put(request, answer) : undefined),
      () => undefined,
    ),
  )
  return kept
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
