/** What was made ready for a day without a network. */
import type { Ground, KeptBasemap } from '../../../offline/basemap'
import { recall } from '../store/kept'

/** What stands ready; `at` null: never made. */
export interface Prepared extends Ground {
  at: number | null
  tasks: number
  photos: number
  basemap: KeptBasemap
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
