/** What a chart is given: its categories, its series, and how their numbers are written. */
import { locale } from '../../app/language'
import type { Phase, Theme } from '../../app/theme'

export interface Series {
  name: string
  /** One for each category; null leaves a gap. */
  values: readonly (number | null)[]
  kind?: 'bar' | 'line'
  dashed?: boolean
  /** Fills the ground below a line. */
  area?: boolean
  smooth?: boolean
  /** A phase's own colour, quiet grey, or the series colours in turn. */
  tone?: Phase | 'quiet' | 'accent'
}

export interface ChartProps {
  /** What the picture shows: its name for screen readers and the caption of its table. */
  label: string
  categories: readonly string[]
  series: readonly Series[]
  /** Bars lie down: categories from top to bottom. */
  across?: boolean
  /** How a value is written on the axis, in the tooltip and in the table. */
  format?: (value: number) => string
  /** The value axis with its lines; without it bars may carry their values (`values`). */
  axis?: boolean
  values?: boolean
  /** The smallest and largest value of the axis; otherwise zero and what the numbers ask for. */
  least?: number | 'data'
  most?: number
  /** Write each n-th category only. */
  every?: number
  legend?: boolean
  stacked?: boolean
  /** `svg` for print. */
  renderer?: 'canvas' | 'svg'
  theme?: Theme
  /** The table: read out only, or behind a switch as well. */
  table?: 'hidden' | 'switch'
  /** The table's heading of the categories. */
  heading?: string
  onPick?: (category: number) => void
  className?: string
}

export function plain(value: number): string {
  return value.toLocaleString(locale(), { maximumFractionDigits: 1 })
}
