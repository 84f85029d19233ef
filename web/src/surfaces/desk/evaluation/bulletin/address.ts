/** Which bulletin: its period, and which areas its first table has. */
import { textOf } from '../../search'
import { parsePeriod } from '../period'
import { LEVELS, type Level } from '../search'

export interface BulletinSearch {
  period?: string
  level?: Exclude<Level, 'district'>
}

export function readBulletin(search: Record<string, unknown>): BulletinSearch {
  const read: BulletinSearch = {}
  const period = parsePeriod(textOf(search.period))
  if (period) read.period = period.code
  const level = LEVELS.find((each) => each === textOf(search.level))
  if (level && level !== 'district') read.level = level
  return read
}
