/** The register as a list: narrowed, paged by cursor, taken away as a file. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type Component, nameOf, readComponents } from '../../../api/components'
import { said } from '../../../api/problem'
import { named, pick } from '../../../app/language'
import { Menu } from '../Menu'
import { Filters } from './Filters'
import { Pager } from './Pager'
import { StateMark } from './StateMark'
import { type ComponentSearch, componentQuery, isNarrowed } from './search'
import { useT } from './words'
import './component.css'

const PAGE = 50
const FORMS = ['csv', 'geojson'] as const
/** Codes and days are of one length; names share what is left. */
const WIDTHS: [string, number | undefined][] = [
  ['code', 184],
  ['name', undefined],
  ['class', undefined],
  ['state', 120],
  ['maintainer', undefined],
  ['unit_grid', 172],
  ['changed_on', 124],
]

export default function ListPage() {
  const t = useT()
  const search = useSearch({ from: '/components' })
  const navigate = useNavigate({ from: '/components' })
  const query = componentQuery(search)
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['components', query.toString(), search.cursor ?? ''],
    queryFn: ({ signal }) => {
      const whole = new URLSearchParams(query)
      whole.set('limit', String(PAGE))
      return readComponents(whole, search.cursor ?? null, signal)
    },
    placeholderData: keepPreviousData,
  })
  const change = (part: Partial<ComponentSearch>) =>
    void navigate({
      search: (old) => ({ ...old, ...part, cursor: undefined, page: undefined }),
      replace: 'text' in part,
    })
  const turn = (cursor: string, page: number) =>
    void navigate({ search: (old) => ({ ...old, cursor, page: String(page) }) })
  return (
    <main className="component-list" aria-labelledby="components-title">
      <div className="component-list-head">
        <h1 id="components-title">{t('components')}</h1>
        <a className="tool" href="/desk/map?on=components,areas">
          {t('on_map')}
        </a>
        <Menu label={t('export')} align="end">
          {(close) => (
            <>
              <p className="component-menu-note">{t('export_note')}</p>
              {FORMS.map((form) => (
                <a
                  key={form}
                  href={`/api/components/export.${form}?${query}`}
                  download
                  onClick={close}
                >
                  {t(`export_${form}`)}
                </a>
              ))}
            </>
          )}
        </Menu>
      </div>
      <Filters
        search={search}
        onChange={change}
        onClear={() => void navigate({ search: {} })}
        clearable={isNarrowed(search)}
      />
      <div className={`component-rows${isPlaceholderData ? ' stale' : ''}`} aria-busy={!data}>
        <Rows items={data?.items ?? []} label={t('components')} />
        {!data && !error && (
          <p className="empty" role="status">
            {t('loading')}
          </p>
        )}
        {error && (
          <div className="empty" role="alert">
            <p>{said(error)}</p>
            <button type="button" className="tool" onClick={() => void refetch()}>
              {t('try_again')}
            </button>
          </div>
        )}
        {data?.items.length === 0 && <p className="empty">{t('none')}</p>}
      </div>
      <Pager
        query={query}
        rows={data}
        size={PAGE}
        page={search.cursor ? Number(search.page ?? 1) : 1}
        onTurn={turn}
      />
    </main>
  )
}

function Rows({ items, label }: { items: readonly Component[]; label: string }) {
  const t = useT()
  return (
    <table aria-label={label}>
      <colgroup>
        {WIDTHS.map(([column, width]) => (
          <col key={column} style={{ width }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{t('f_code')}</th>
          <th scope="col">{t('f_name')}</th>
          <th scope="col">{t('f_class')}</th>
          <th scope="col">{t('f_state')}</th>
          <th scope="col">{t('f_maintainer')}</th>
          <th scope="col">{t('f_unit_grid')}</th>
          <th scope="col">{t('f_changed_on')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((row) => (
          <tr key={row.code}>
            <td>
              <Link
                to="/components/$code"
                params={{ code: row.code }}
                className="num"
                preload={false}
              >
                {row.code}
              </Link>
            </td>
            <td title={row.name}>{nameOf(row)}</td>
            <td>{pick(row.class_zh, row.class_en)}</td>
            <td>
              <StateMark state={row.state} />
            </td>
            <td title={named(row.maintainer)}>{named(row.maintainer, '—')}</td>
            <td className="num">{row.unit_grid ?? '—'}</td>
            <td className="num">{row.changed_on ?? '—'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
