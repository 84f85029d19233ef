/** The state of a component as a word with its colour. */
import { word } from './words'

const TONE: Record<string, string> = {
  intact: 'done',
  damaged: 'over',
  lost: 'over',
  abandoned: 'new',
  removed: 'gone',
}

export function StateMark({ state }: { state: string }) {
  return (
    <span className={`phase phase-${TONE[state] ?? 'gone'}`}>
      <span>{word('state', state)}</span>
    </span>
  )
}
