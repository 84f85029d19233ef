/** The ground I answer for. */
import { send } from '../../../api/client'

export async function fetchGrids(signal: AbortSignal): Promise<unknown> {
  return (await send('/api/duty-grids?mine=true', { signal })).json()
}
