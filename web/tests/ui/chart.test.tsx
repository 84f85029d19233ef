import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PALETTE } from '../../src/app/theme'
import { BarList } from '../../src/ui/chart/BarList'
import { Chart } from '../../src/ui/chart/Chart'
import { optionOf } from '../../src/ui/chart/option'

const { draw, dispose, mount } = vi.hoisted(() => {
  const draw = vi.fn()
  const dispose = vi.fn()
  return { draw, dispose, mount: vi.fn(async () => ({ draw, dispose })) }
})
vi.mock('../../src/ui/chart/engine', () => ({ mount }))

afterEach(() => {
  cleanup()
  vi.clearAllMocks()
})

const HOURS = ['08', '09', '10']

describe('what ECharts is told', () => {
  const base = { label: 'x', categories: HOURS, series: [{ name: 'a', values: [1, null, 3] }] }

  test('a missing number is a gap, not a zero', () => {
    const [series] = [optionOf(base, PALETTE.light, 16).series].flat()
    expect(series?.data).toEqual([1, '-', 3])
  })

  test('text grows with the root, and never below what can be read', () => {
    const size = (em: number) => {
      const axis = [optionOf(base, PALETTE.dark, em).xAxis].flat()[0]
      return axis?.axisLabel?.fontSize
    }
    expect(size(32)).toBe(24)
    expect(size(12)).toBe(11)
  })

  test('a phase keeps its own colour in each theme; others take theirs in turn', () => {
    const series = [
      { name: 'late', values: [1, 2, 3], tone: 'over' as const },
      { name: 'b', values: [1, 2, 3], kind: 'line' as const, dashed: true },
    ]
    for (const theme of ['light', 'dark'] as const) {
      const [late, b] = [optionOf({ ...base, series }, PALETTE[theme], 16).series].flat()
      expect(late?.itemStyle?.color).toBe(PALETTE[theme].phase.over)
      expect(b?.itemStyle?.color).toBe(PALETTE[theme].series[1])
    }
  })

  test('whole numbers have no fractions on their axis, shares do', () => {
    const interval = (values: number[]) => {
      const given = { ...base, series: [{ name: 'a', values }] }
      const axis = [optionOf(given, PALETTE.light, 16).yAxis].flat()[0]
      return axis && 'minInterval' in axis ? axis.minInterval : undefined
    }
    expect(interval([1, 2, 3])).toBe(1)
    expect(interval([0.5, 0.7, 0.9])).toBeUndefined()
  })
})

describe('the chart on the page', () => {
  const series = [{ name: '今日', values: [12, null, 1234] }]

  test('has the same numbers as a table, gaps as dashes', async () => {
    render(<Chart label="今日分时" categories={HOURS} series={series} />)
    const table = screen.getByRole('table', { name: '今日分时' })
    const cells = [...table.querySelectorAll('td')].map((cell) => cell.textContent)
    expect(cells).toEqual(['12', '—', '1,234'])
    await vi.waitFor(() => expect(draw).toHaveBeenCalledTimes(1))
  })

  test('new numbers update the drawing; it is made once and let go', async () => {
    const page = render(<Chart label="x" categories={HOURS} series={series} />)
    await vi.waitFor(() => expect(draw).toHaveBeenCalledTimes(1))
    const other = [{ name: '今日', values: [1, 2, 3] }]
    page.rerender(<Chart label="x" categories={HOURS} series={other} />)
    expect(draw).toHaveBeenCalledTimes(2)
    page.rerender(<Chart label="x" categories={HOURS} series={other} />)
    expect(draw).toHaveBeenCalledTimes(2)
    expect(mount).toHaveBeenCalledTimes(1)
    page.unmount()
    expect(dispose).toHaveBeenCalledTimes(1)
  })

  test('what the mouse can pick, the keyboard can too', async () => {
    const pick = vi.fn()
    render(<Chart label="x" categories={HOURS} series={series} onPick={pick} />)
    fireEvent.click(screen.getByRole('button', { name: '09' }))
    expect(pick).toHaveBeenCalledWith(1)
  })

  test('the switch shows the table in place of the drawing', async () => {
    render(<Chart label="x" categories={HOURS} series={series} table="switch" />)
    await vi.waitFor(() => expect(draw).toHaveBeenCalled())
    fireEvent.click(screen.getByRole('button', { name: '以表格显示' }))
    expect(dispose).toHaveBeenCalledTimes(1)
    expect(screen.getByRole('table').parentElement?.className).toBe('chart-table')
  })
})

test('a list of bars is measured against its largest, and an unknown value is empty', () => {
  render(
    <BarList
      label="x"
      rows={[
        { key: 'a', name: '甲', value: 40, text: '40' },
        { key: 'b', name: '乙', value: null, text: '—' },
      ]}
    />,
  )
  const bars = [...document.querySelectorAll('progress')]
  expect(bars.map((bar) => [bar.value, bar.max])).toEqual([
    [40, 40],
    [0, 40],
  ])
})
