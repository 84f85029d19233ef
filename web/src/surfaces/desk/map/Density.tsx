/** Cases by cells: which number, which cells, and what the colours mean. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { said } from '../../../api/problem'
import { locale } from '../../../app/language'
import { share, whole } from '../../../app/numbers'
import type { Theme } from '../../../app/theme'
import { readPlaces } from './data'
import { breaksOf, type Cell, cellFeatures, coloursOf, placeName, readDensity } from './density'
import { SHADES, type Shade } from './search'
import { useT } from './words'

export const CELLS = ['unit_grid', '6', '7', '8', '9'] as const
export const CELLS_AT_FIRST = '8'

interface Wish {
  cells: string | undefined
  shade: Shade
  cases: string
  theme: Theme
  enabled: boolean
}

export function useDensity({ cells = CELLS_AT_FIRST, shade, cases, theme, enabled }: Wish) {
  const { data, error, isFetching } = useQuery({
    queryKey: ['map', 'density', cells, cases],
    queryFn: ({ signal }) => readDensity(cells, new URLSearchParams(cases), signal),
    enabled,
    placeholderData: keepPreviousData,
    retry: false,
  })
  return useMemo(() => {
    const breaks = breaksOf(data?.map((cell) => cell[shade]) ?? [])
    const colours = coloursOf(theme, breaks.length)
    const features = enabled && data ? cellFeatures(data, shade, breaks, colours) : []
    return { cells, data, error, isFetching, breaks, colours, features }
  }, [cells, data, error, isFetching, shade, theme, enabled])
}

export type DensityState = ReturnType<typeof useDensity>

interface DensityProps {
  density: DensityState
  shade: Shade
  onCells: (cells: string) => void
  onShade: (shade: Shade) => void
  onShow: (cell: Cell) => void
}

const MOST = 10

export function Density({ density, shade, onCells, onShade, onShow }: DensityProps) {
  const t = useT()
  const { cells, data, error, isFetching } = density
  const names: Record<Shade, string> = {
    n: t('shade_n'),
    open: t('shade_open'),
    repeat_rate: t('shade_repeat_rate'),
    per_km2: t('shade_per_km2'),
  }
  const highest = useMemo(
    () => [...(data ?? [])].sort((a, b) => (b[shade] ?? 0) - (a[shade] ?? 0)).slice(0, MOST),
    [data, shade],
  )
  const nameOf = usePlaceNames(highest, cells)
  return (
    <>
      <label className="map-row">
        {t('density_cells')}
        <select value={cells} onChange={(event) => onCells(event.target.value)}>
          {CELLS.map((each) => (
            <option key={each} value={each}>
              {each === 'unit_grid' ? t('cells_unit_grid') : t('cells_h3', { resolution: each })}
            </option>
          ))}
        </select>
      </label>
      <label className="map-row">
        {t('density_shade')}
        <select
          value={shade}
          onChange={({ target }) => onShade(SHADES.find((each) => each === target.value) ?? 'n')}
        >
          {SHADES.map((each) => (
            <option key={each} value={each}>
              {names[each]}
            </option>
          ))}
        </select>
      </label>
      {error && <p className="map-problem">{said(error)}</p>}
      <DensityLegend density={density} shade={shade} name={names[shade]} />
      <p role="status" className="soft">
        {isFetching ? t('loading') : t('density_found', { count: data?.length ?? 0 })}
      </p>
      <table className="map-rows">
        <caption className="only-read">{t('density_highest')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('density_cell')}</th>
            <th scope="col">{t('shade_n')}</th>
            <th scope="col">{t('shade_open')}</th>
            <th scope="col">{t('shade_repeat_rate')}</th>
          </tr>
        </thead>
        <tbody>
          {highest.map((cell) => {
            const name = nameOf(cell)
            return (
              <tr key={cell.cell}>
                <td>
                  <button type="button" className="map-link" onClick={() => onShow(cell)}>
                    {name} <span className={name ? 'num map-code' : 'num'}>{cell.cell}</span>
                  </button>
                </td>
                <td className="num">{whole(cell.n)}</td>
                <td className="num">{whole(cell.open)}</td>
                <td className="num">{share(cell.repeat_rate)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </>
  )
}

/** Names of cells by where their middle lies: one question for all that are listed. */
function usePlaceNames(shown: readonly Cell[], cells: string): (cell: Cell) => string {
  const points = shown.map(({ lon, lat }): [number, number] => [lon, lat])
  const { data } = useQuery({
    queryKey: ['map', 'density', 'places', points],
    queryFn: ({ signal }) => readPlaces(points, signal),
    enabled: points.length > 0,
    staleTime: 30 * 60_000,
  })
  return (cell) => {
    const place = data?.[shown.indexOf(cell)]
    return place ? placeName(place, cells) : ''
  }
}

interface LegendProps {
  density: DensityState
  shade: Shade
  name: string
}

export function DensityLegend({ density: { breaks, colours }, shade, name }: LegendProps) {
  const t = useT()
  const write = (value: number) =>
    shade === 'repeat_rate'
      ? share(value)
      : value.toLocaleString(locale(), { maximumFractionDigits: value < 10 ? 1 : 0 })
  if (breaks.length === 0) return null
  return (
    <figure className="map-ramp">
      <figcaption>{name}</figcaption>
      <ol>
        {breaks.map((end, index) => (
          <li key={end}>
            <span style={{ background: colours[index] }} aria-hidden="true" />
            <span className="num">{t('up_to', { end: write(end) })}</span>
          </li>
        ))}
      </ol>
    </figure>
  )
}
