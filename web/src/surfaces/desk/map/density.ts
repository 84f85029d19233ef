/** Cases by cells of the ground: how many, how many again, coloured by five classes. */
import type { Feature, Geometry } from 'geojson'
import { send } from '../../../api/client'
import { named } from '../../../app/language'
import { PALETTE, type Theme } from '../../../app/theme'
import type { PlaceFacts } from './data'
import type { Shade } from './search'

export interface Cell {
  cell: string
  n: number
  open: number
  /** Null where repeats were not counted. */
  repeats: number | null
  repeat_rate: number | null
  per_km2: number | null
  lon: number
  lat: number
  geometry?: Geometry | null
}

/** `cells` is `unit_grid`, or the resolution of H3. */
export async function readDensity(
  cells: string,
  cases: URLSearchParams,
  signal?: AbortSignal,
): Promise<Cell[]> {
  const query = new URLSearchParams(cases)
  query.set('outlines', 'true')
  query.set('cells', cells === 'unit_grid' ? 'unit_grid' : 'h3')
  if (cells !== 'unit_grid') query.set('resolution', cells)
  const answer = await send(`/api/density?${query}`, { signal })
  return ((await answer.json()) as { items: Cell[] }).items
}

/** The largest hexagons: an address says nothing about 5 km² and more. */
const WIDE: ReadonlySet<string> = new Set(['6', '7'])

/** What people call the ground of a cell, by what is in its middle; empty outside the city. */
export function placeName(
  { areas, nearest_address }: Pick<PlaceFacts, 'areas' | 'nearest_address'>,
  cells: string,
): string {
  if (nearest_address && !WIDE.has(cells)) {
    // Everybody knows which city this is.
    const city = areas.find((area) => area.level === 'city')?.name_zh ?? ''
    const { full_text } = nearest_address
    return full_text.startsWith(city) ? full_text.slice(city.length) : full_text
  }
  const below = areas.filter((area) => area.level !== 'city').map((area) => named(area))
  return (WIDE.has(cells) ? below.slice(0, 2) : below.slice(-2)).join(' · ')
}

const CLASSES = 5

/** The upper ends of at most five classes of about as many cells each; the last is the greatest. */
export function breaksOf(values: readonly (number | null)[], classes = CLASSES): number[] {
  const sorted = values.flatMap((value) => (value !== null && value > 0 ? [value] : []))
  sorted.sort((a, b) => a - b)
  const ends = Array.from({ length: classes }, (_, index) => {
    return sorted[Math.ceil(((index + 1) / classes) * sorted.length) - 1]
  })
  return [...new Set(ends.filter((end) => end !== undefined))]
}

function mixed(from: string, to: string, share: number): string {
  const part = (text: string, at: number) => Number.parseInt(text.slice(at, at + 2), 16)
  const parts = [1, 3, 5].map((at) => {
    const value = part(from, at) + (part(to, at) - part(from, at)) * share
    return Math.round(value).toString(16).padStart(2, '0')
  })
  return `#${parts.join('')}`
}

/** From near the ground's colour to the accent. */
export function coloursOf(theme: Theme, classes: number): string[] {
  const { map, accent } = PALETTE[theme]
  return Array.from({ length: classes }, (_, index) =>
    mixed(map.area, accent, classes === 1 ? 1 : 0.22 + (0.78 * index) / (classes - 1)),
  )
}

export function cellFeatures(
  cells: readonly Cell[],
  shade: Shade,
  breaks: readonly number[],
  colours: readonly string[],
): Feature[] {
  return cells.flatMap((cell) => {
    const value = cell[shade] ?? 0
    const at = breaks.findIndex((end) => value <= end)
    const color = colours[at]
    if (!cell.geometry || value <= 0 || !color) return []
    return [
      {
        type: 'Feature',
        geometry: cell.geometry,
        properties: { cell: cell.cell, color, n: cell.n },
      },
    ]
  })
}
