/** What was made ready for a day without a network. */
import { recall } from '../store/kept'

/** What stands ready; `at` null: never made. */
export interface Prepared {
  at: number | null
  tasks: number
  photos: number
  tiles: number
  bytes: number
  /** The space set for the map was not enough. */
  cut: boolean
}

export interface Progress {
  phase: 'tasks' | 'photos' | 'tiles'
  done: number
  of: number
}

export const NEVER: Prepared = { at: null, tasks: 0, photos: 0, tiles: 0, bytes: 0, cut: false }

export async function prepared(owner: number): Promise<Prepared> {
  return (await recall<Prepared>(owner, 'prepared'))?.data ?? NEVER
}
