/** What ECharts is told, from the numbers and the colours of a theme. Pure, for tests. */
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type {
  GridComponentOption,
  LegendComponentOption,
  TooltipComponentOption,
} from 'echarts/components'
import type { ComposeOption } from 'echarts/core'
import type { Palette } from '../../app/theme'
import { type ChartProps, plain, type Series } from './figures'

export type Option = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TooltipComponentOption
>

/** `em` is the root's font size in pixels: a wall at 4K writes twice as large. */
export function optionOf(props: ChartProps, palette: Palette, em: number): Option {
  const { categories, series, across = false, axis = true, format = plain } = props
  const small = { color: palette.text3, fontSize: Math.max(11, em * 0.75) }
  const several = props.legend ?? false
  const named = {
    type: 'category' as const,
    data: [...categories],
    inverse: across,
    axisLine: { show: !across, lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: {
      ...small,
      ...(across ? { color: palette.text2, width: em * 6, overflow: 'truncate' as const } : {}),
      interval: props.every ? props.every - 1 : across ? 0 : ('auto' as const),
      hideOverlap: true,
    },
  }
  const valued = {
    type: 'value' as const,
    show: axis,
    min: props.least === 'data' ? undefined : props.least,
    max: props.most,
    scale: props.least === 'data',
    splitNumber: 4,
    minInterval: integers(series) ? 1 : undefined,
    axisLabel: { ...small, formatter: (value: number) => format(value) },
    splitLine: { lineStyle: { color: palette.line } },
  }
  return {
    animation: false,
    textStyle: { fontFamily: 'Inter Variable, PingFang SC, Microsoft YaHei, Noto Sans CJK SC' },
    grid: {
      left: across || axis ? em * 0.25 : em * 0.5,
      right: across && props.values ? em * 3 : em * 0.75,
      top: several ? em * 2 : em * 0.75,
      bottom: em * 0.25,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    legend: several
      ? {
          show: true,
          top: 0,
          right: 0,
          icon: 'roundRect',
          textStyle: small,
          itemHeight: em * 0.5,
          // One line, or it would lie on the drawing.
          formatter: (name) => shortened(name, LEGEND_EM / series.length),
        }
      : { show: false },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: across ? 'shadow' : 'line', lineStyle: { color: palette.lineStrong } },
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.text, fontSize: Math.max(12, em * 0.8) },
      valueFormatter: (value) => (typeof value === 'number' ? format(value) : '—'),
    },
    xAxis: across ? valued : named,
    yAxis: across ? named : valued,
    series: series.map((each, index) => seriesOf(each, index, props, palette, em)),
  }
}

/** The widths of all names of a legend together, in signs as wide as they are high. */
const LEGEND_EM = 40

export function shortened(name: string, most: number): string {
  let width = 0
  for (let at = 0; at < name.length; at += 1) {
    width += name.charCodeAt(at) > 0x2e80 ? 1 : 0.55
    if (width > most) return `${name.slice(0, Math.max(1, at - 1)).trimEnd()}…`
  }
  return name
}

function seriesOf(
  each: Series,
  index: number,
  props: ChartProps,
  palette: Palette,
  em: number,
): BarSeriesOption | LineSeriesOption {
  const color = colourOf(each, index, palette)
  const common = {
    name: each.name,
    data: each.values.map((value) => value ?? '-'),
    itemStyle: { color },
    ...(props.stacked ? { stack: 'all' } : {}),
  }
  if ((each.kind ?? 'bar') === 'line') {
    return {
      ...common,
      type: 'line',
      // A point between gaps has no line to be seen by.
      showSymbol: each.values.some((value, n) => value !== null && lonely(each.values, n)),
      symbolSize: em * 0.4,
      smooth: each.smooth ? 0.3 : false,
      connectNulls: false,
      lineStyle: { color, width: Math.max(1.6, em * 0.1), type: each.dashed ? [5, 4] : 'solid' },
      areaStyle: each.area ? { color, opacity: 0.14 } : undefined,
    }
  }
  return {
    ...common,
    type: 'bar',
    barMaxWidth: props.across ? em * 0.6 : em * 2,
    barWidth: props.across && props.series.length === 1 ? em * 0.55 : undefined,
    barCategoryGap: '40%',
    itemStyle: { color, borderRadius: 2 },
    showBackground: !!props.across && props.series.length === 1,
    backgroundStyle: { color: palette.surface2, borderRadius: 2 },
    label: {
      show: props.values ?? false,
      position: props.across ? 'right' : 'top',
      color: palette.text2,
      fontSize: Math.max(11, em * 0.75),
      formatter: ({ value }) => (typeof value === 'number' ? (props.format ?? plain)(value) : ''),
    },
  }
}

function lonely(values: readonly (number | null)[], n: number): boolean {
  return (values[n - 1] ?? null) === null && (values[n + 1] ?? null) === null
}

function colourOf(each: Series, index: number, palette: Palette): string {
  if (each.tone === 'quiet') return palette.text3
  if (each.tone === 'accent') return palette.accent
  if (each.tone) return palette.phase[each.tone]
  return palette.series[index % palette.series.length] ?? palette.accent
}

function integers(series: readonly Series[]): boolean {
  return series.every(({ values }) => values.every((v) => v === null || Number.isInteger(v)))
}
