/** ECharts itself, the parts we use; only `Chart` loads this chunk. */
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { Palette } from '../../app/theme'
import type { ChartProps } from './figures'
import { optionOf } from './option'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

export interface Drawing {
  draw: (props: ChartProps, palette: Palette) => void
  dispose: () => void
}

/** `pick` gets the category under a click anywhere in its row or column. */
export async function mount(
  element: HTMLElement,
  renderer: 'canvas' | 'svg',
  pick: (category: number) => void,
): Promise<Drawing> {
  if (renderer === 'svg') use((await import('./svg')).SVGRenderer)
  const chart = init(element, undefined, { renderer })
  let last: { props: ChartProps; palette: Palette } | undefined
  const draw = (props: ChartProps, palette: Palette) => {
    last = { props, palette }
    const em = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
    // Updated in place: only the series may become fewer.
    chart.setOption(optionOf(props, palette, em), { replaceMerge: ['series'] })
    chart.getZr().setCursorStyle(props.onPick ? 'pointer' : 'default')
  }
  chart.getZr().on('click', (event) => {
    if (!last?.props.onPick) return
    const at = [event.offsetX, event.offsetY]
    if (!chart.containPixel('grid', at) && !last.props.across) return
    const place = chart.convertFromPixel({ seriesIndex: 0 }, at)
    const index = Math.round(place[last.props.across ? 1 : 0] ?? -1)
    if (index >= 0 && index < last.props.categories.length) pick(index)
  })
  const observer = new ResizeObserver(() => {
    chart.resize()
    // The root's font size may have changed with the window.
    if (last) draw(last.props, last.palette)
  })
  observer.observe(element)
  return {
    draw,
    dispose() {
      observer.disconnect()
      chart.dispose()
    },
  }
}
