/**
 * Bars and lines over named categories, drawn by ECharts (a chunk of its own, loaded with the
 * first chart), with the same numbers as a table for those who do not see the picture.
 *
 *     <Chart label={t('hours')} categories={hours} series={[
 *       { name: t('today'), values: today, kind: 'bar' },
 *       { name: t('norm'), values: norm, kind: 'line', dashed: true, tone: 'quiet' },
 *     ]} />
 *
 * The element's height is the caller's (`className`). New numbers update the drawing; it is made
 * once and let go with the component.
 */
import './chart.css'
import { useEffect, useRef, useState } from 'react'
import { useLanguage, words } from '../../app/language'
import { PALETTE } from '../../app/theme'
import { useTheme } from '../Switches'
import type { Drawing } from './engine'
import { type ChartProps, plain } from './figures'
import zh from './zh.json'

const { useT } = words(zh, () => import('./en.json').then((file) => file.default))

export function Chart(props: ChartProps) {
  const { label, className = '', table = 'hidden', renderer = 'canvas' } = props
  const t = useT()
  const spoken = useLanguage()
  const chosen = useTheme()
  const theme = props.theme ?? chosen
  const box = useRef<HTMLDivElement>(null)
  const [drawing, setDrawing] = useState<Drawing | null>(null)
  const [asTable, setAsTable] = useState(false)
  const latest = useRef(props)
  latest.current = props

  useEffect(() => {
    const element = box.current
    if (!element || asTable) return
    let gone = false
    let made: Drawing | undefined
    import('./engine').then(async ({ mount }) => {
      if (gone) return
      made = await mount(element, renderer, (index) => latest.current.onPick?.(index))
      if (gone) made.dispose()
      else setDrawing(made)
    })
    return () => {
      gone = true
      made?.dispose()
      setDrawing(null)
    }
  }, [renderer, asTable])

  const { onPick, format: _format, ...numbers } = props
  // By content: a caller that makes its arrays anew with every render costs no drawing.
  const content = JSON.stringify([numbers, !!onPick])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is in `content`; `spoken` writes the numbers anew
  useEffect(() => {
    drawing?.draw(latest.current, PALETTE[theme])
  }, [drawing, theme, spoken, content])

  return (
    <figure className={`chart ${className}`} data-chart={drawing ? 'drawn' : 'waiting'}>
      {table === 'switch' && (
        <button
          type="button"
          className="chart-switch"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? t('as_chart') : t('as_table')}
        </button>
      )}
      {!asTable && <div ref={box} className="chart-box" aria-hidden="true" />}
      <div className={asTable ? 'chart-table' : 'only-read'}>
        <Numbers {...props} label={label} />
      </div>
    </figure>
  )
}

/** The same as a table. Where the chart can be clicked, its rows are buttons. */
function Numbers({ label, categories, series, format, heading, onPick }: ChartProps) {
  const t = useT()
  const write = format ?? plain
  return (
    <table>
      <caption>{label}</caption>
      <thead>
        <tr>
          <th scope="col">{heading ?? t('category')}</th>
          {series.map((each) => (
            <th key={each.name} scope="col">
              {each.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {categories.map((category, index) => (
          <tr key={category}>
            <th scope="row">
              {onPick ? (
                <button type="button" onClick={() => onPick(index)}>
                  {category}
                </button>
              ) : (
                category
              )}
            </th>
            {series.map((each) => {
              const value = each.values[index]
              return (
                <td key={each.name} className="num">
                  {value === null || value === undefined ? '—' : write(value)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
