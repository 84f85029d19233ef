/** The bulletin itself, as wide as it will be on paper: what it says, tables, pictures, method. */
import { city } from '../../../../app/city'
import { named, pick } from '../../../../app/language'
import { share, whole } from '../../../../app/numbers'
import { longTime } from '../../../../app/time'
import { Chart } from '../../../../ui/chart/Chart'
import { Move } from '../Move'
import { axisName, periodName, roleName } from '../names'
import { type Period, plus } from '../period'
import { Grade } from '../ResultTable'
import { cellOf, cellsByCode, changeOf, counted, emptyHead, NOBODY } from '../ranking'
import {
  type Dictionary,
  definition,
  figureOf,
  indicatorName,
  type Row,
  type Table,
  writeValue,
} from '../table'
import { useT } from '../words'
import { judged, type Post, postsOf, rateOf, type Tables, unfinished } from './facts'
import { type PaperColumn, PaperTable } from './PaperTable'
import { figure, sentences } from './sentences'

/** Rows of a table in the bulletin; the page has all of them. */
const MOST_ROWS = 40
const BARS = 20
const BEST = 3
/** Of a bar with the space around it, and of the axis. */
const BAR_MM = 6.2

const REGION = [
  'reports',
  'filed',
  'handled',
  'handling_in_time_rate',
  'closed',
  'closing_in_time_rate',
]
const DEPARTMENT = [
  'should_handled',
  'handled',
  'handled_late',
  'handled_overdue',
  'handling_in_time_rate',
  'rework_rate',
]

export interface SheetProps {
  period: Period
  before: Period
  tables: Tables
  /** The parts of the period for the whole city; null where it has none. */
  course: Table | null
  dictionary: Dictionary
  schemes: { code: string; name_zh: string; name_en: string; weights: Record<string, unknown> }[]
  person: string
}

export function Sheet(props: SheetProps) {
  const { period, before, tables, course, dictionary, person } = props
  const t = useT()
  const { regions, departments } = tables
  const said = sentences(tables, dictionary)
  const title = t('bulletin_title', { city: pick(city().nameZh, city().nameEn) })
  return (
    <article className="sheet paper" aria-labelledby="sheet-title">
      <header>
        <h1 id="sheet-title">{title}</h1>
        <p className="sheet-period">{periodName(period)}</p>
        <p className="sheet-facts">
          <span>{t('covers', { first: period.first, last: plus(period.after, -1) })}</span>
          <span>{t('as_of', { time: longTime(regions.at) })}</span>
          {unfinished(regions) && <strong>{t('unfinished')}</strong>}
        </p>
      </header>
      <section>
        <h2>{t('part_summary')}</h2>
        <div className="sheet-summary">
          {said.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
        {course && <Course table={course} />}
      </section>
      <section>
        <h2>{t('part_regions')}</h2>
        <Ranked
          caption={t('table_of', { kind: t('kind_region'), period: periodName(period) })}
          table={regions}
          before={tables.regionsBefore}
          codes={REGION}
          dictionary={dictionary}
        />
        <Bars table={regions} />
      </section>
      <section>
        <h2>{t('part_departments')}</h2>
        <Ranked
          caption={t('table_of', { kind: t('kind_department'), period: periodName(period) })}
          table={departments}
          before={tables.departmentsBefore}
          codes={DEPARTMENT}
          dictionary={dictionary}
        />
      </section>
      <section>
        <h2>{t('part_posts')}</h2>
        <Posts table={tables.posts} period={period} dictionary={dictionary} />
      </section>
      <Method {...props} />
      <footer>
        {t('made_by', { person, time: longTime(regions.at), before: periodName(before) })}
      </footer>
    </article>
  )
}

interface RankedProps {
  caption: string
  table: Table
  before: Table
  codes: string[]
  dictionary: Dictionary
}

function Ranked({ caption, table, before, codes, dictionary }: RankedProps) {
  const t = useT()
  const then = cellsByCode(before.rows)
  const scored = judged(table.rows)
  const unscored = table.rows.filter((row) => counted(row) && cellOf(row).rank == null)
  const rows = [...scored, ...unscored.filter((row) => row.object.code !== NOBODY)]
  if (rows.length === 0) return <p>{t('nothing_to_judge')}</p>
  const columns: PaperColumn<Row>[] = [
    { name: t('rank'), cell: (row) => cellOf(row).rank ?? '' },
    {
      name: t('object'),
      text: true,
      wide: true,
      cell: (row) => (row === table.total ? t('total') : named(row.object)),
    },
    ...codes.map((code) => ({
      name: indicatorName(dictionary, code),
      cell: (row: Row) => writeValue(dictionary, code, figureOf(cellOf(row), code)),
    })),
    {
      name: t('score'),
      cell: (row) =>
        row === table.total ? '' : writeValue(dictionary, 'score', cellOf(row).score),
    },
    {
      name: t('grade'),
      text: true,
      cell: (row) => {
        const { grade, colour } = cellOf(row)
        return grade ? <Grade grade={grade} colour={colour} /> : ''
      },
    },
    {
      name: t('change'),
      text: true,
      cell: (row) => {
        if (row === table.total) return ''
        const { places } = changeOf(cellOf(row), then.get(row.object.code))
        return <Move change={{ places, points: null }} />
      },
    },
  ]
  return (
    <>
      <PaperTable
        caption={caption}
        columns={columns}
        rows={rows.slice(0, MOST_ROWS)}
        keyOf={(row) => row.object.code}
        total={table.total}
      />
      {rows.length > MOST_ROWS && (
        <p className="sheet-note">
          {t('left_out', { shown: MOST_ROWS, count: rows.length - MOST_ROWS })}
        </p>
      )}
    </>
  )
}

function Bars({ table }: { table: Table }) {
  const t = useT()
  const rows = judged(table.rows).slice(0, BARS)
  if (rows.length < 2) return null
  return (
    <figure className="sheet-figure">
      <div style={{ height: `${rows.length * BAR_MM + 4}mm` }}>
        <Chart
          className="sheet-chart"
          label={t('picture_scores')}
          heading={t('object')}
          categories={rows.map((row) => named(row.object))}
          series={[
            {
              name: t('score'),
              values: rows.map((row) => cellOf(row).score ?? null),
              tone: 'accent',
            },
          ]}
          across
          values
          axis={false}
          least={0}
          most={100}
          renderer="svg"
          theme="light"
        />
      </div>
      <figcaption>{t('picture_scores')}</figcaption>
    </figure>
  )
}

function Course({ table }: { table: Table }) {
  const t = useT()
  const cells = table.total?.cells ?? []
  if (!cells.some(({ counts }) => counts.reports || counts.closed)) return null
  const head = emptyHead(table)
  // What has not begun has no numbers yet, not zero.
  const values = (code: string) =>
    table.periods
      .map((each, n) =>
        Date.parse(each.start) < Date.parse(table.at) ? (cells[n]?.counts[code] ?? null) : null,
      )
      .slice(head)
  return (
    <figure className="sheet-figure">
      <div style={{ height: '52mm' }}>
        <Chart
          className="sheet-chart"
          label={t('picture_course')}
          heading={t('period')}
          categories={table.periods.slice(head).map((each) => axisName(each.code))}
          series={[
            { name: t('received'), values: values('reports'), kind: 'bar', tone: 'accent' },
            { name: t('closed'), values: values('closed'), kind: 'line', tone: 'done' },
          ]}
          legend
          renderer="svg"
          theme="light"
        />
      </div>
      <figcaption>{t('picture_course')}</figcaption>
    </figure>
  )
}

function Posts({
  table,
  period,
  dictionary,
}: {
  table: Table
  period: Period
  dictionary: Dictionary
}) {
  const t = useT()
  const posts = postsOf(table, BEST)
  if (posts.length === 0) return <p>{t('nothing_to_judge')}</p>
  const rate = (code: string) => ({
    name: indicatorName(dictionary, code),
    cell: (post: Post) => writeValue(dictionary, code, rateOf(dictionary, post.counts, code)),
  })
  const columns: PaperColumn<Post>[] = [
    { name: t('post'), text: true, cell: (post) => roleName(post.role) },
    { name: t('people'), cell: (post) => whole(post.people) },
    {
      name: indicatorName(dictionary, 'operations'),
      cell: (post) => figure(post.counts.operations),
    },
    rate('operation_in_time_rate'),
    rate('error_rate'),
    rate('mean_seconds'),
    {
      name: t('best_people'),
      text: true,
      cell: (post) =>
        post.best
          .map((row) =>
            t('name_and_score', {
              name: named(row.object),
              score: writeValue(dictionary, 'score', cellOf(row).score),
            }),
          )
          .join(t('list_comma')) || '—',
    },
  ]
  return (
    <PaperTable
      caption={t('table_of', { kind: t('kind_post'), period: periodName(period) })}
      columns={columns}
      rows={posts}
      keyOf={(post) => post.role}
    />
  )
}

function Method({ tables, dictionary, schemes, before }: SheetProps) {
  const t = useT()
  const used = [
    ...new Set([...tables.regions.schemes, ...tables.departments.schemes, ...tables.posts.schemes]),
  ]
  const shown = [...new Set([...REGION, ...DEPARTMENT])]
  return (
    <section className="sheet-method">
      <h2>{t('part_method')}</h2>
      <ol>
        <li>{t('method_counts')}</li>
        <li>{t('method_rates')}</li>
        <li>{t('method_scores')}</li>
        <li>{t('method_change', { period: periodName(before) })}</li>
        {used.map((code) => {
          const scheme = schemes.find((each) => each.code === code)
          return scheme ? (
            <li key={code}>
              {t('method_scheme', { name: named(scheme), weights: weights(scheme, dictionary) })}
            </li>
          ) : null
        })}
      </ol>
      <dl>
        {shown.map((code) => (
          <div key={code}>
            <dt>{indicatorName(dictionary, code)}</dt>
            <dd>{definition(dictionary, code)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )

  function weights(scheme: SheetProps['schemes'][number], words: Dictionary): string {
    return Object.entries(scheme.weights)
      .map(([code, entry]) => {
        const weight =
          typeof entry === 'object' && entry !== null && 'weight' in entry ? entry.weight : null
        const part = typeof weight === 'number' ? share(weight / 100) : ''
        return `${indicatorName(words, code)} ${part}`
      })
      .join(t('list_comma'))
  }
}
