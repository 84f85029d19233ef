/** The outbox and the patrol's track, sent by the worker: the network is back, and perhaps no page is open. */
import { isAway } from '../../../api/problem'
import { assume } from '../../../app/language'
import { whoIsHere } from './here'
import { flush } from './sender'
import { sendTrack } from './track'

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
  if (round.signedOut) return
  const tracked = await sendTrack(here.owner).then(
    () => true,
    (error: unknown) => !isAway(error),
  )
  if (round.next !== null || !tracked) throw new Error('Something waits to be sent.')
}
