/**
 * The same step on several cases, one after the other: each has its own answer, nothing that was
 * done is undone by another's refusal, and what failed can be tried again.
 */

export type Outcome =
  | { state: 'waiting' }
  | { state: 'running' }
  | { state: 'done' }
  | { state: 'failed'; reason: string }

export interface RunWish<T> {
  items: readonly T[]
  idOf: (item: T) => number
  perform: (item: T) => Promise<void>
  /** The sentence for what was thrown. */
  said: (error: unknown) => string
  onOutcome: (id: number, outcome: Outcome) => void
  signal: AbortSignal
}

/** Stops before the next item when the signal says so; the one under way is finished. */
export async function runEach<T>(wish: RunWish<T>): Promise<void> {
  const { items, idOf, perform, said, onOutcome, signal } = wish
  for (const item of items) {
    if (signal.aborted) return
    const id = idOf(item)
    onOutcome(id, { state: 'running' })
    try {
      await perform(item)
      onOutcome(id, { state: 'done' })
    } catch (error) {
      onOutcome(id, { state: 'failed', reason: said(error) })
    }
  }
}

export interface Tally {
  done: number
  failed: number
  left: number
}

export function tally(outcomes: ReadonlyMap<number, Outcome>, ids: readonly number[]): Tally {
  const count = (state: Outcome['state']) =>
    ids.filter((id) => outcomes.get(id)?.state === state).length
  const done = count('done')
  const failed = count('failed')
  return { done, failed, left: ids.length - done - failed }
}
