/** The bulletin of a period, made to be printed: choose a period, read, print or save as PDF. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { city } from '../../../app/city'
import { today } from '../../../app/days'
import { pick } from '../../../app/language'
import { useKeys } from '../keys'
import { type BulletinSearch, readBulletin } from './bulletin/address'
import { Sheet } from './bulletin/Sheet'
import { periodName } from './names'
import { PeriodPicker } from './PeriodPicker'
import { parsePeriod, periodOf, previous, usualPart } from './period'
import { LEVELS } from './search'
import { useDictionary, useSchemes, useTable } from './table'
import { useT } from './words'
import './evaluation.css'
import './bulletin/bulletin.css'

export default function BulletinPage() {
  const t = useT()
  // Read once more: the router leaves in what the root has not checked.
  const search = readBulletin({ ...useSearch({ from: '/evaluation/bulletin' }) })
  const navigate = useNavigate({ from: '/evaluation/bulletin' })
  const change = (part: Partial<BulletinSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }) })
  // A bulletin is written when its month is over.
  const period = parsePeriod(search.period) ?? previous(periodOf('month', today()))
  const title = `${t('bulletin_title', { city: pick(city().nameZh, city().nameEn) })} ${periodName(period)}`
  usePaper(title)
  useKeys({
    bulletin: () => window.print(),
    leave: () =>
      void navigate({ to: '/evaluation', search: { period: period.code, level: search.level } }),
  })
  return (
    <main className="sheet-page" aria-label={title}>
      <PageMargins title={title} page={t('page_of', { page: '<1>', pages: '<2>' })} />
      <div className="sheet-bar">
        <Link
          className="tool"
          to="/evaluation"
          search={{ period: period.code, level: search.level }}
        >
          {t('back_to_tables')}
        </Link>
        <PeriodPicker period={period} onChange={({ code }) => change({ period: code })} />
        <label>
          <span>{t('level')}</span>
          <select
            value={search.level ?? 'district'}
            onChange={(event) => {
              const level = LEVELS.find((each) => each === event.target.value)
              change({ level: level === 'district' ? undefined : level })
            }}
          >
            {LEVELS.map((each) => (
              <option key={each} value={each}>
                {t(`level_${each}`)}
              </option>
            ))}
          </select>
        </label>
        <span className="room" />
        <button
          type="button"
          className="tool main"
          title={t('print_hint')}
          onClick={() => window.print()}
        >
          {t('print')}
        </button>
      </div>
      <Content key={`${period.code} ${search.level}`} search={search} code={period.code} />
    </main>
  )
}

function Content({ search, code }: { search: BulletinSearch; code: string }) {
  const t = useT()
  const me = useMe()
  const period = parsePeriod(code) ?? periodOf('month', today())
  const before = previous(period)
  const level = search.level ?? 'district'
  const series = usualPart(period.span)
  const regions = useTable('region', { period: code, level })
  // All the others are of the same moment.
  const at = regions.data?.at
  const asked = (query: { period: string; level?: typeof level }) => (at ? { ...query, at } : null)
  const regionsBefore = useTable('region', asked({ period: before.code, level }))
  const departments = useTable('department', asked({ period: code }))
  const departmentsBefore = useTable('department', asked({ period: before.code }))
  const posts = useTable('post', asked({ period: code }))
  const course = useTable(
    'region',
    series && at ? { period: code, level: 'city', series, at } : null,
  )
  const schemes = useSchemes()
  const dictionary = useDictionary()
  const all = [regions, regionsBefore, departments, departmentsBefore, posts, course, schemes]
  const problem = all.find((each) => each.error)?.error
  if (problem) {
    return (
      <p className="empty" role="alert">
        {said(problem)}{' '}
        <button
          type="button"
          className="tool"
          onClick={() => {
            for (const each of all) if (each.error) void each.refetch()
          }}
        >
          {t('try_again')}
        </button>
      </p>
    )
  }
  if (
    !me ||
    !dictionary ||
    !schemes.data ||
    !regions.data ||
    !regionsBefore.data ||
    !departments.data ||
    !departmentsBefore.data ||
    !posts.data ||
    (series && !course.data)
  ) {
    return (
      <p className="empty" role="status">
        {t('loading')}
      </p>
    )
  }
  return (
    <Sheet
      period={period}
      before={before}
      tables={{
        regions: regions.data,
        regionsBefore: regionsBefore.data,
        departments: departments.data,
        departmentsBefore: departmentsBefore.data,
        posts: posts.data,
      }}
      course={course.data ?? null}
      dictionary={dictionary}
      schemes={schemes.data}
      person={me.user.display_name || me.user.username}
    />
  )
}

/** While the bulletin is open, printing prints it and nothing around it; the file is called like it. */
function usePaper(title: string) {
  useEffect(() => {
    const before = document.title
    document.title = title
    document.documentElement.dataset.paper = 'bulletin'
    return () => {
      document.title = before
      delete document.documentElement.dataset.paper
    }
  }, [title])
}

/** Running head and page numbers. Browsers before Chrome 131 leave the margins empty. */
function PageMargins({ title, page }: { title: string; page: string }) {
  // Every second part is the number of a counter.
  const numbers = page
    .split(/<([12])>/)
    .map((part, n) => (n % 2 ? `counter(${part === '1' ? 'page' : 'pages'})` : quoted(part)))
    .join(' ')
  const small = 'font: 8pt sans-serif; color: #4c5a6a;'
  return (
    <style>
      {`@page { size: A4; margin: 18mm 16mm 16mm;
        @top-left { content: ${quoted(title)}; ${small} }
        @bottom-center { content: ${numbers}; ${small} } }`}
    </style>
  )
}

/** A text as a CSS string. */
function quoted(text: string): string {
  const written = text.replace(
    /[\\"<]|[\n\r\f]/g,
    (sign) => `\\${sign.codePointAt(0)?.toString(16)} `,
  )
  return `"${written}"`
}
