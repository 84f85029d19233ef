/**
 * What live events add to the numbers that were read last. Everything here is bounded: a wall
 * runs for weeks, and events may come hundreds a second.
 */

/** The minutes of the last hour. */
export const MINUTES = 60
const MINUTE_MS = 60_000
/** Seconds of events that are kept to be added to an overview; it is read every thirty. */
const SECONDS = 180

/** Cases received in each minute of the last hour: read once in a while, counted in between. */
export class Intake {
  private readonly counted = new Map<number, number>()
  private seeded = new Map<number, number>()
  private knownFrom: number

  constructor(now: number) {
    this.knownFrom = minuteOf(now)
  }

  /** One case more. */
  add(at: number): void {
    const minute = minuteOf(at)
    this.counted.set(minute, (this.counted.get(minute) ?? 0) + 1)
    this.trim(minute)
  }

  /** Before the cases of the last hour are asked for: from now on events count on top. */
  restart(): void {
    this.counted.clear()
  }

  /** The times of the cases received since `from`; nothing is known of the time before. */
  seed(times: readonly number[], from: number): void {
    this.seeded = new Map()
    for (const at of times) {
      const minute = minuteOf(at)
      this.seeded.set(minute, (this.seeded.get(minute) ?? 0) + 1)
    }
    this.knownFrom = minuteOf(from)
  }

  /** Sixty counts, the running minute last; null for minutes nobody read or heard of. */
  series(now: number): (number | null)[] {
    const last = minuteOf(now)
    this.trim(last)
    return Array.from({ length: MINUTES }, (_, index) => {
      const minute = last - MINUTES + 1 + index
      if (minute < this.knownFrom) return null
      return (this.seeded.get(minute) ?? 0) + (this.counted.get(minute) ?? 0)
    })
  }

  get size(): number {
    return this.counted.size + this.seeded.size
  }

  private trim(last: number): void {
    for (const kept of [this.counted, this.seeded]) {
      for (const minute of kept.keys()) if (minute <= last - MINUTES) kept.delete(minute)
    }
  }
}

export interface Change {
  received: number
  closed: number
  /** Cases that are open now and were not, less those that are no longer. */
  open: number
}

/** What has happened since an overview was counted, by second. */
export class Since {
  private readonly seconds = new Map<number, Change>()

  add(at: number, change: Change): void {
    const second = Math.floor(at / 1000)
    const known = this.seconds.get(second)
    if (known) {
      known.received += change.received
      known.closed += change.closed
      known.open += change.open
      return
    }
    this.seconds.set(second, { ...change })
    // Insertion order is time order but for stragglers, which are dropped with their second.
    for (const kept of this.seconds.keys()) {
      if (this.seconds.size <= SECONDS) break
      this.seconds.delete(kept)
    }
  }

  /** The sum after the moment `at`; what was before is forgotten. */
  after(at: number): Change {
    const limit = Math.floor(at / 1000)
    const sum: Change = { received: 0, closed: 0, open: 0 }
    for (const [second, change] of this.seconds) {
      if (second <= limit) {
        this.seconds.delete(second)
        continue
      }
      sum.received += change.received
      sum.closed += change.closed
      sum.open += change.open
    }
    return sum
  }

  get size(): number {
    return this.seconds.size
  }
}

export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS)
}
