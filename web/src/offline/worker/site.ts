/** Of a service worker's own surroundings only what ours use: the page's types say `window`. */
export interface Extendable extends Event {
  waitUntil(done: Promise<unknown>): void
}
export interface Fetching extends Extendable {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
/** Chromium's: the network is back. */
export interface Syncing extends Extendable {
  readonly tag: string
}
interface Windows {
  claim(): Promise<void>
  matchAll(which: { type: 'window' }): Promise<readonly { visibilityState: string }[]>
}
interface Site {
  addEventListener(type: 'install' | 'activate', handle: (event: Extendable) => void): void
  addEventListener(type: 'fetch', handle: (event: Fetching) => void): void
  addEventListener(type: 'sync', handle: (event: Syncing) => void): void
  skipWaiting(): Promise<void>
  readonly clients: Windows
  readonly location: Location
}

export const site = globalThis as unknown as Site
