/** A state as a word with its colour, and the clock that runs in it. */
import { words } from '../app/language'
import { phaseOf, type State, stateName } from '../app/phase'
import { duration, useNow } from '../app/time'
import zh from './zh.json'

const { useT } = words(zh, () => import('./en.json').then((file) => file.default))

interface Clocked {
  state: State
  stage_due_at?: string | null
  paused_until?: string | null
}

export function StateMark({ row }: { row: Clocked }) {
  return (
    <span className={`phase phase-${phaseOf(row)}`}>
      <span>{stateName(row.state)}</span>
    </span>
  )
}

/** What is left of the running limit, in words; late in the colour of lateness. */
export function Clock({ row }: { row: Clocked }) {
  const t = useT()
  const now = useNow(30)
  const phase = phaseOf(row, now)
  if (phase === 'done') return null
  if (row.state === 'suspended' || row.state === 'deferred') {
    return <span className="soft num">{t('paused')}</span>
  }
  if (!row.stage_due_at) return <span className="soft num">{t('no_clock')}</span>
  const left = Date.parse(row.stage_due_at) - now
  if (left < 0) {
    return <span className="phase phase-over num">{t('late_by', { time: duration(left) })}</span>
  }
  const soon = left < 2 * 3600_000
  return (
    <span className={soon ? 'phase phase-new num' : 'num'}>
      {t('remaining', { time: duration(left) })}
    </span>
  )
}
