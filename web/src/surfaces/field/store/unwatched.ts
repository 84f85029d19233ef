/** The outbox sent by the worker: the network is back, and perhaps no page is open. */
import { assume } from '../../../app/language'
import { whoIsHere } from './here'
import { flush } from './sender'

/**
 * `watched`: somebody looks at a page, which keeps to the pauses; else all is tried at once. Throws
 * while something can only be sent later: the browser then wakes the worker again. What needs a
 * person (a conflict, a refusal, signing in) waits for the page.
 */
export async function sendUnwatched(watched: boolean): Promise<void> {
  const here = await whoIsHere()
  if (!here) return
  assume(here.language)
  const round = await flush(here.owner, !watched)
  if (round.next !== null && !round.signedOut) throw new Error('Something waits to be sent.')
}
