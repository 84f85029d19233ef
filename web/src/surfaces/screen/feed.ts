/** Live events, taken as they come and told of at most four times a second. */
import type { LiveEvent } from '../../app/live'
import { OPEN_STATES } from '../../app/phase'
import { Intake, Since } from './tally'

const EVERY_MS = 250
/** Cases that changed lately; more would not fit the panel anyway. */
export const MOST_CHANGED = 12

export class Feed {
  readonly intake: Intake
  readonly since = new Since()
  /** Ids of cases that changed and were not shown yet, the latest last. */
  private readonly changed = new Map<number, number>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly tell: () => void,
    now = Date.now(),
  ) {
    this.intake = new Intake(now)
  }

  take(event: LiveEvent): void {
    const at = Date.parse(event.at)
    if (Number.isNaN(at) || event.subject_type !== 'case') return
    const received = event.kind === 'governance.case.receive'
    if (received) this.intake.add(at)
    const { state, before } = event.payload
    const wasOpen = !received && isOpen(before)
    const open = (isOpen(state) ? 1 : 0) - (wasOpen ? 1 : 0)
    const moved = received || typeof before === 'string'
    this.since.add(at, {
      received: received ? 1 : 0,
      closed: state === 'closed' && before !== 'closed' ? 1 : 0,
      open: moved ? open : 0,
    })
    this.note(Number(event.subject_id), at)
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.tell()
    }, EVERY_MS)
  }

  /** The cases to read anew, with the time of their latest event; asked once, then forgotten. */
  takeChanged(): Map<number, number> {
    const taken = new Map(this.changed)
    this.changed.clear()
    return taken
  }

  get waiting(): number {
    return this.changed.size
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private note(id: number, at: number): void {
    if (!Number.isInteger(id)) return
    this.changed.delete(id)
    this.changed.set(id, at)
    for (const oldest of this.changed.keys()) {
      if (this.changed.size <= MOST_CHANGED) break
      this.changed.delete(oldest)
    }
  }
}

function isOpen(state: unknown): boolean {
  return OPEN_STATES.some((each) => each === state)
}
