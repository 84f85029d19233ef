/** A selection on the map, and what it holds: components and cases in numbers, tables and files. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { App } from 'antd'
import { useState } from 'react'
import { said } from '../../../api/problem'
import { named } from '../../../app/language'
import { whole } from '../../../app/numbers'
import { stateName } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import type { Place } from '../../../map/CityMap'
import { areaOf } from '../../../map/geodesy'
import { StateMark } from '../../../ui/Phase'
import { caseName } from '../list/columns'
import { Export } from '../list/Export'
import { readCounts, readRows, readTotal } from '../list/rows'
import { Menu } from '../Menu'
import { Corners, type Pen } from './Corners'
import type { Area } from './data'
import { Forms } from './Forms'
import { componentState } from './Identify'
import { countInside, exportInside, FILES, type FileForm, readInside } from './inside'
import { saveBlob } from './notes'
import { asked, type Selection } from './selection'
import type { Form } from './sketch'
import { squareMetres } from './units'
import { useT } from './words'

const FORMS = ['polygon', 'rectangle', 'circle'] as const

interface SelectProps {
  pen: Pen
  selection: Selection | null
  area: Area | undefined
  onForm: (form: Form) => void
  onClear: () => void
}

export function Select({ pen, selection, area, onForm, onClear }: SelectProps) {
  const t = useT()
  const what =
    selection && 'ring' in selection ? squareMetres(areaOf(selection.ring)) : named(area, '…')
  return (
    <>
      <Forms
        label={t('select_what')}
        forms={FORMS}
        current={pen.sketch.form}
        names={{
          polygon: t('form_polygon'),
          rectangle: t('form_rectangle'),
          circle: t('form_circle'),
        }}
        onChoose={onForm}
      />
      <p className="soft">{t('select_hint')}</p>
      <Corners pen={pen} />
      {selection && (
        <div className="map-selected">
          <span>{t('selected', { what })}</span>
          <button type="button" className="tool small" onClick={onClear}>
            {t('select_clear')}
          </button>
        </div>
      )}
    </>
  )
}

interface InsideProps {
  selection: Selection
  /** Query string of the cases' list, with the selection. */
  cases: URLSearchParams
  onShow: (place: Place) => void
  onClose: () => void
}

type Part = 'components' | 'cases'
const FIRST_CLASSES = 12

/** The table below the map. */
export function Inside({ selection, cases, onShow, onClose }: InsideProps) {
  const t = useT()
  const [part, setPart] = useState<Part>('components')
  const [kind, setKind] = useState('')
  const [allClasses, setAllClasses] = useState(false)
  const key = JSON.stringify(asked(selection))
  const query = cases.toString()
  const counts = useQuery({
    queryKey: ['map', 'inside', key],
    queryFn: ({ signal }) => countInside(selection, signal),
    retry: false,
  })
  const total = useQuery({
    queryKey: ['cases', 'total', query],
    queryFn: ({ signal }) => readTotal(query, signal),
    placeholderData: keepPreviousData,
  })
  const found = counts.data?.total
  const rows = counts.data?.rows ?? []
  const classes = allClasses ? rows : rows.slice(0, FIRST_CLASSES)
  const held = total.data
  return (
    <section className="map-inside" aria-label={t('inside')}>
      <header>
        <div className="map-forms" role="tablist" aria-label={t('inside')}>
          <button
            type="button"
            role="tab"
            aria-selected={part === 'components'}
            onClick={() => setPart('components')}
          >
            {t('components')} <span className="num">{found === undefined ? '' : whole(found)}</span>
          </button>
          <button
            type="button"
            role="tab"
            aria-selected={part === 'cases'}
            onClick={() => setPart('cases')}
          >
            {t('cases')}{' '}
            <span className="num">
              {held ? `${whole(held.count)}${held.capped ? '+' : ''}` : ''}
            </span>
          </button>
        </div>
        <span className="room" />
        {part === 'cases' ? (
          <Export query={query} />
        ) : (
          <ComponentExport selection={selection} kind={kind} />
        )}
        <button
          type="button"
          className="map-x"
          aria-label={t('select_clear')}
          title={t('select_clear')}
          onClick={onClose}
        >
          ×
        </button>
      </header>
      <div className="map-inside-body" role="tabpanel">
        {part === 'components' && counts.error ? (
          <p className="map-problem">{said(counts.error)}</p>
        ) : part === 'components' ? (
          <>
            <div className="map-chips" role="group" aria-label={t('by_class')}>
              {classes.map((row) => (
                <button
                  key={row.code}
                  type="button"
                  className="chip"
                  aria-pressed={kind === row.code}
                  onClick={() => setKind(kind === row.code ? '' : row.code)}
                >
                  {named(row)} <span className="num">{whole(row.count)}</span>
                </button>
              ))}
              {rows.length > classes.length && (
                <button type="button" className="chip" onClick={() => setAllClasses(true)}>
                  {t('more_classes', { count: rows.length - classes.length })}
                </button>
              )}
            </div>
            <ComponentTable selection={selection} kind={kind} onShow={onShow} />
          </>
        ) : (
          <CaseTable query={query} onShow={onShow} />
        )}
      </div>
    </section>
  )
}

function ComponentExport({ selection, kind }: { selection: Selection; kind: string }) {
  const t = useT()
  const { message } = App.useApp()
  async function save(form: FileForm) {
    try {
      const { name, content } = await exportInside(form, selection, kind)
      saveBlob(name, content)
    } catch (error) {
      void message.error(said(error))
    }
  }
  return (
    <Menu label={t('export')} align="end">
      {(close) => (
        <>
          {FILES.map((form) => (
            <button
              key={form}
              type="button"
              className="row"
              onClick={() => {
                close()
                void save(form)
              }}
            >
              {t(`export_${form}`)}
            </button>
          ))}
        </>
      )}
    </Menu>
  )
}

interface TableProps {
  onShow: (place: Place) => void
}

function ComponentTable(props: TableProps & { selection: Selection; kind: string }) {
  const { selection, kind, onShow } = props
  const t = useT()
  const { data, error, hasNextPage, fetchNextPage, isPending } = useInfiniteQuery({
    queryKey: ['map', 'inside', asked(selection), 'rows', kind],
    queryFn: ({ pageParam, signal }) => readInside(selection, kind, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    retry: false,
  })
  const rows = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Rows
      error={error}
      empty={rows.length === 0 ? (isPending ? t('loading') : t('inside_none')) : ''}
      heads={[t('code'), t('class'), t('state'), t('maintainer')]}
      more={hasNextPage ? () => void fetchNextPage() : null}
    >
      {rows.map((row) => (
        <tr key={row.code}>
          <td>
            <button
              type="button"
              className="map-link num"
              onClick={() => onShow([row.lon, row.lat])}
            >
              {row.code}
            </button>
          </td>
          <td>{named({ name_zh: row.class_zh, name_en: row.class_en })}</td>
          <td>{componentState(t, row.state)}</td>
          <td>{named(row.maintainer, '—')}</td>
        </tr>
      ))}
    </Rows>
  )
}

function CaseTable({ query, onShow }: TableProps & { query: string }) {
  const t = useT()
  const counts = useQuery({
    queryKey: ['cases', 'counts', query],
    queryFn: ({ signal }) => readCounts(query, signal),
  })
  const { data, error, hasNextPage, fetchNextPage, isPending } = useInfiniteQuery({
    queryKey: ['cases', 'inside', query],
    queryFn: ({ pageParam, signal }) => readRows(query, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    retry: false,
  })
  const rows = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <p className="map-chips" role="status">
        {counts.data?.map((each) => (
          <span key={each.state} className="map-count">
            {stateName(each.state)} <strong className="num">{whole(each.count)}</strong>
          </span>
        ))}
      </p>
      <Rows
        error={error}
        empty={rows.length === 0 ? (isPending ? t('loading') : t('inside_none')) : ''}
        heads={[t('number'), t('matter'), t('state'), t('address'), t('reported')]}
        more={hasNextPage ? () => void fetchNextPage() : null}
      >
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <Link className="num" to="/cases/$id" params={{ id: String(row.id) }}>
                {caseName(row)}
              </Link>
            </td>
            <td>{named(row.matter, '—')}</td>
            <td>
              <StateMark row={row} />
            </td>
            <td>
              {row.lon !== null && row.lat !== null ? (
                <button
                  type="button"
                  className="map-link"
                  onClick={() => onShow([row.lon ?? 0, row.lat ?? 0])}
                >
                  {row.address || t('show')}
                </button>
              ) : (
                row.address
              )}
            </td>
            <td className="num">{shortTime(row.reported_at)}</td>
          </tr>
        ))}
      </Rows>
    </>
  )
}

interface RowsProps {
  error: Error | null
  empty: string
  heads: string[]
  more: (() => void) | null
  children: React.ReactNode
}

function Rows({ error, empty, heads, more, children }: RowsProps) {
  const t = useT()
  if (error) return <p className="map-problem">{said(error)}</p>
  if (empty) return <p className="empty">{empty}</p>
  return (
    <>
      <table className="map-rows">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {more && (
        <button type="button" className="tool" onClick={more}>
          {t('more')}
        </button>
      )}
    </>
  )
}
