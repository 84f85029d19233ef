/** Asks the browser to wake the worker once there is a network, whether or not a page is open. */
import { items } from './outbox'

export const TAG = 'outbox'

/** Chromium's own; no type of it in the language's library. */
interface Syncing extends ServiceWorkerRegistration {
  readonly sync: { register(tag: string): Promise<void> }
}

function isSyncing(found: ServiceWorkerRegistration | undefined): found is Syncing {
  return found !== undefined && 'sync' in found
}

/** Where something of this person waits (`sure`: the caller knows) and the browser can; elsewhere
 * the next page sends it. */
export async function leaveToWorker(owner: number, sure = false): Promise<void> {
  try {
    const waits =
      sure || (await items(owner)).some(({ state }) => state === 'waiting' || state === 'sending')
    const found = waits ? await navigator.serviceWorker?.getRegistration() : undefined
    if (isSyncing(found)) await found.sync.register(TAG)
  } catch {
    // Not allowed, or the worker is only just coming.
  }
}
