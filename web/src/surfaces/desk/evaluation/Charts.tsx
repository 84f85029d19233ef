/** The table as pictures: bars of the period, and lines through its parts. */
import { named } from '../../../app/language'
import { Chart } from '../../../ui/chart/Chart'
import { axisName, spanName } from './names'
import { type Period, partsOf, type Span } from './period'
import { alike, cellOf, emptyHead, MAIN_RATE, NOBODY } from './ranking'
import { type EvaluationSearch, kindOf, type TableQuery, tableQuery } from './search'
import {
  type Dictionary,
  figureOf,
  indicatorName,
  type Row,
  UNBOUNDED,
  useTable,
  writeValue,
} from './table'
import { useT } from './words'

/** As many bars as can be read in the height that there is. */
const BARS = 12
/** Lines until somebody pins rows. */
const USUAL_LINES = 3

interface ChartsProps {
  search: EvaluationSearch
  period: Period
  series: Span | null
  /** In the order of the page. */
  rows: readonly Row[]
  columns: readonly string[]
  dictionary: Dictionary
  /** The moment of the table. */
  onChange: (change: Partial<EvaluationSearch>) => void
}

export function Charts(props: ChartsProps) {
  const { search, period, rows, columns, dictionary, onChange } = props
  const t = useT()
  const code = search.chart && columns.includes(search.chart) ? search.chart : 'score'
  const bodies = rows.filter(
    (row) => row.object.code !== NOBODY && figureOf(cellOf(row), code) != null,
  )
  const drawn = bodies.slice(0, BARS)
  const write = (value: number) => writeValue(dictionary, code, value)
  return (
    <div className="ev-charts">
      <section className="ev-card" aria-labelledby="ev-bars">
        <header>
          <h2 id="ev-bars">
            {t(bodies.length > drawn.length ? 'bars_first' : 'bars', {
              indicator: indicatorName(dictionary, code),
              count: drawn.length,
            })}
          </h2>
          <select
            aria-label={t('chart_of')}
            value={code}
            onChange={({ target: { value } }) =>
              onChange({ chart: value === 'score' ? undefined : value })
            }
          >
            {['score', ...columns].map((each) => (
              <option key={each} value={each}>
                {indicatorName(dictionary, each)}
              </option>
            ))}
          </select>
        </header>
        {drawn.length === 0 ? (
          <p className="empty">{t('nothing_to_draw')}</p>
        ) : (
          <Chart
            className="ev-chart"
            label={indicatorName(dictionary, code)}
            heading={t('object')}
            categories={drawn.map((row) => named(row.object))}
            series={[
              {
                name: indicatorName(dictionary, code),
                values: drawn.map((row) => figureOf(cellOf(row), code) ?? null),
                tone: 'accent',
              },
            ]}
            across
            values
            axis={false}
            least={0}
            most={mostOf(dictionary, code)}
            format={write}
            table="switch"
          />
        )}
      </section>
      {period.span !== 'day' && <Trend {...props} code={code} />}
    </div>
  )
}

/** Lines of the pinned rows, else of the first ones. A score is judged against a whole table, so
 * in its place the main rate is drawn. */
function Trend({
  search,
  period,
  series,
  rows,
  dictionary,
  code,
  onChange,
}: ChartsProps & { code: string }) {
  const t = useT()
  const kind = kindOf(search)
  const drawn = code === 'score' ? MAIN_RATE[kind] : code
  const lines = linesOf(search, rows)
  const table = useTable(
    kind,
    series && lines.length ? seriesQuery(search, period, series, lines) : null,
  )
  const found = new Map(table.data?.rows.map((row) => [row.object.code, row]))
  const name = indicatorName(dictionary, drawn)
  const head = emptyHead(table.data)
  const drawnLines = lines.map((row) => ({
    name: named(row.object),
    kind: 'line' as const,
    values: (found.get(row.object.code)?.cells ?? [])
      .slice(head)
      .map((cell) => figureOf(cell, drawn) ?? null),
  }))
  const same = alike(drawnLines)
  return (
    <section className="ev-card" aria-labelledby="ev-lines">
      <header>
        <h2 id="ev-lines">{t('lines', { indicator: name })}</h2>
        <span className="soft">{t(search.pin ? 'lines_pinned' : 'lines_first')}</span>
        <select
          aria-label={t('series')}
          value={series ?? ''}
          onChange={({ target: { value } }) =>
            onChange({ series: partsOf(period.span).find((each) => each === value) })
          }
        >
          {partsOf(period.span).map((each) => (
            <option key={each} value={each}>
              {spanName(each)}
            </option>
          ))}
        </select>
      </header>
      {lines.length === 0 || (table.data && found.size === 0) ? (
        <p className="empty">{t('nothing_to_draw')}</p>
      ) : (
        <Chart
          className="ev-chart"
          label={name}
          heading={t('period')}
          categories={(table.data?.periods ?? []).slice(head).map((each) => axisName(each.code))}
          series={drawnLines}
          legend
          least={0}
          most={mostOf(dictionary, drawn)}
          format={(value) => writeValue(dictionary, drawn, value)}
          table="switch"
        />
      )}
      {same.length > 0 && (
        <p className="soft">{t('lines_alike', { names: same.join(t('list_comma')) })}</p>
      )}
    </section>
  )
}

/** A share of a whole ends at 100 %, a score at 100. */
function mostOf(dictionary: Dictionary, code: string): number | undefined {
  if (code === 'score') return 100
  return dictionary.rates.has(code) && !UNBOUNDED.has(code) ? 1 : undefined
}

function linesOf(search: EvaluationSearch, rows: readonly Row[]): Row[] {
  const bodies = rows.filter((row) => row.object.code !== NOBODY)
  if (!search.pin) return bodies.slice(0, USUAL_LINES)
  return search.pin
    .map((code) => bodies.find((row) => row.object.code === code))
    .filter((row): row is Row => row !== undefined)
}

/** The question of the lines: of their objects only, because a table of every department and every
 * day would be megabytes. Nothing is filtered away that the line counts. */
function seriesQuery(
  search: EvaluationSearch,
  period: Period,
  series: Span,
  lines: readonly Row[],
): TableQuery {
  const { scheme, ...query } = tableQuery(search, period)
  const codes = lines.map((row) => row.object.code)
  const kind = kindOf(search)
  if (kind === 'post') {
    return { ...query, series, role: [...new Set(lines.map((row) => row.object.role ?? ''))] }
  }
  if (kind === 'department' && !query.department) return { ...query, series, department: codes }
  if (kind === 'region' && !query.area) return { ...query, series, area: codes }
  return { ...query, series }
}
