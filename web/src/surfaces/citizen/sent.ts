/** What the last sending of this page came to, for the receipt. */
import type { Sent } from './report/sending'

let last: Sent | null = null

export function rememberSent(sent: Sent): void {
  last = sent
}

export function lastSent(): Sent | null {
  return last
}
