/** Fetches much, a few at a time, into what stays without a network. */
import { MOST_BYTES } from './tiles'

const AT_ONCE = 4

/** Runs `work` over all, a few at a time. */
export async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const one = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** Whether the browser says that what this page may keep is used up. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}

/** Fills the cache with these tiles and nothing else; gives their bytes, at most `most` or one
 * tile more. What the server refuses is not kept. */
export async function keepTiles(
  cache: Cache,
  addresses: readonly string[],
  tell: (done: number, of: number) => void,
  signal: AbortSignal,
  most = MOST_BYTES,
): Promise<number> {
  let done = 0
  let bytes = 0
  await each(addresses, async (address) => {
    if (bytes < most) {
      const answer = await fetch(address, { signal })
      if (answer.ok) {
        const content = await answer.clone().arrayBuffer()
        bytes += content.byteLength
        await cache.put(address, answer)
      }
    }
    done += 1
    if (done % 10 === 0 || done === addresses.length) tell(done, addresses.length)
  })
  // Yesterday's ground is not today's.
  const wanted = new Set(addresses)
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url)
    if (!wanted.has(pathname + search)) await cache.delete(request)
  }
  return bytes
}
