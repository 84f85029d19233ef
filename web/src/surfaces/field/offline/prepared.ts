/** What was made ready for a day without a network. */
import { recall } from '../store/kept'

export interface Ground {
  tiles: number
  bytes: number
  /** The space set for the map was not enough. */
  cut: boolean
}

/** What stands ready; `at` null: never made. */
export interface Prepared extends Ground {
  at: number | null
  tasks: number
  photos: number
  /** Null where there is none, `foreign` where it may not be kept. */
  basemap: Ground | 'foreign' | null
}

export interface Progress {
  phase: 'tasks' | 'photos' | 'tiles' | 'basemap'
  done: number
  of: number
}

const NOTHING: Ground = { tiles: 0, bytes: 0, cut: false }
export const NEVER: Prepared = { at: null, tasks: 0, photos: 0, ...NOTHING, basemap: null }

export async function prepared(owner: number): Promise<Prepared> {
  // One that an older build made knows of no basemap.
  return { ...NEVER, ...(await recall<Partial<Prepared>>(owner, 'prepared'))?.data }
}
