/** What happened on a case since somebody last looked. */
import { STATES, type State } from '../../../app/phase'
import type { Detail } from './read'

export function isState(name: string): name is State {
  return (STATES as readonly string[]).includes(name)
}

/** Records after a version, oldest first; reports that joined change nothing a form stands on. */
export function since(detail: Detail, version: number): Detail['records'] {
  return detail.records.filter((record) => record.seq > version && record.operation !== 'receive')
}
