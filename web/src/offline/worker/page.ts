/** A surface's page without a network: the last one whose files this worker has. */
import { orKept } from './patient'
import { site } from './site'

/** Written by the build: every file of the surface, and a name for that set. */
declare const __FILES__: { url: string; revision: string | null }[]
declare const __VERSION__: string

const PATIENCE = 4_000

export class KeptPage {
  readonly files = __FILES__
  private readonly key: string

  /** `path` is any address of the surface, `shell` the name of the cache that holds the page. */
  constructor(
    private readonly path: string,
    private readonly shell: string,
  ) {
    this.key = `${path}?${__VERSION__}`
  }

  /** Takes over at once, with a page to show. */
  settle(prepare: () => Promise<unknown> = () => Promise.resolve()): void {
    site.addEventListener('install', (event) => {
      void site.skipWaiting()
      const page = this.fresh(new Request(this.path)).catch(() => undefined)
      event.waitUntil(Promise.all([page, prepare()]))
    })
    site.addEventListener('activate', (event) => event.waitUntil(site.clients.claim()))
  }

  /** From the network, kept if every file it names is one we have: a page of a newer build would
   * not start without a network. */
  private async fresh(request: Request): Promise<Response> {
    const answer = await fetch(request, { cache: 'no-store' })
    if (answer.ok && !answer.redirected) {
      const html = await answer.clone().text()
      const files = html.match(/\/static\/pages\/assets\/[\w.-]+\.(?:js|css)/g) ?? []
      const known = new Set(this.files.map((file) => file.url))
      if (files.every((file) => known.has(file))) {
        const cache = await caches.open(this.shell)
        await cache.put(this.key, answer.clone())
        for (const key of await cache.keys()) {
          if (!key.url.endsWith(__VERSION__)) await cache.delete(key)
        }
      }
    }
    return answer
  }

  /** The network first; the kept page when it is silent, slow or broken. */
  async answer(request: Request): Promise<Response> {
    const kept = await caches.match(this.key, { cacheName: this.shell })
    return orKept(this.fresh(new Request(request.url)), kept, PATIENCE)
  }
}
