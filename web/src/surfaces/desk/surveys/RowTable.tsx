/** Rows of a survey: what each would do, before beside after, or why it cannot. */
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { pick } from '../../../app/language'
import { whole } from '../../../app/numbers'
import { differences } from '../component/change'
import type { SurveyReason, SurveyRow, Verdict } from './survey'
import { useT, word } from './words'

interface RowTableProps {
  verdict: Verdict
  rows: readonly SurveyRow[]
  loading: boolean
  marked: number | null
  onMark: (id: number | null) => void
  /** Null: nothing can be left out here. */
  selected: ReadonlySet<number> | null
  onSelect: (selected: ReadonlySet<number>) => void
  onDecline: (id: number, declined: boolean) => void
  onReason: (reason: string | undefined) => void
  reason: string | undefined
  reasons: readonly SurveyReason[]
  /** Said where there are no rows. */
  none: string
}

export function RowTable(props: RowTableProps) {
  const { verdict, rows, loading, marked, selected, onSelect } = props
  const t = useT()
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark stands in the page
  useEffect(() => {
    box.current?.querySelector('tr[data-marked]')?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  const all = rows.length > 0 && rows.every((row) => selected?.has(row.id))
  return (
    <div className="survey-rows" ref={box} aria-busy={loading}>
      {verdict === 'rejected' && props.reasons.length > 1 && (
        <div className="survey-reasons" role="group" aria-label={t('why')}>
          {props.reasons.map((each) => (
            <button
              key={each.reason}
              type="button"
              className="tool"
              aria-pressed={each.reason === props.reason}
              onClick={() => props.onReason(each.reason === props.reason ? undefined : each.reason)}
            >
              {pick(each.zh, each.en)} <span className="num">{whole(each.count)}</span>
            </button>
          ))}
        </div>
      )}
      <table aria-label={word('verdict', verdict)}>
        <thead>
          <tr>
            {selected && (
              <th scope="col" className="pick">
                <input
                  type="checkbox"
                  aria-label={t('select_all')}
                  checked={all}
                  onChange={() => onSelect(new Set(all ? [] : rows.map((row) => row.id)))}
                />
              </th>
            )}
            <th scope="col" className="line">
              {t('line')}
            </th>
            <th scope="col" className="code">
              {t('code')}
            </th>
            <th scope="col">{t(verdict === 'rejected' ? 'why' : 'what')}</th>
            {selected && (
              <th scope="col" className="act">
                <span className="only-read">{t('decide')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} {...props} />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && (
        <p className="empty" role="status">
          {loading ? t('loading') : props.none}
        </p>
      )}
    </div>
  )
}

function Row({ row, ...props }: RowTableProps & { row: SurveyRow }) {
  const t = useT()
  const { verdict, selected, marked, onMark } = props
  const name = row.code || String(row.line ?? row.id)
  function toggle() {
    const next = new Set(selected)
    if (!next.delete(row.id)) next.add(row.id)
    props.onSelect(next)
  }
  return (
    <tr
      data-row={row.id}
      data-marked={row.id === marked || undefined}
      className={row.declined ? 'declined' : undefined}
      onMouseEnter={() => onMark(row.id)}
    >
      {selected && (
        <td className="pick">
          <input
            type="checkbox"
            aria-label={t('select', { name })}
            checked={selected.has(row.id)}
            onChange={toggle}
          />
        </td>
      )}
      <td className="num line">{row.line ?? '—'}</td>
      <td className="num code">
        {verdict === 'changed' || verdict === 'gone' ? (
          <Link to="/components/$code" params={{ code: row.code }} preload={false}>
            {row.code}
          </Link>
        ) : (
          row.code || '—'
        )}
      </td>
      <td>
        {row.declined && <span className="survey-left">{t('left_out')}</span>}
        {verdict === 'rejected' ? <Why row={row} /> : <What row={row} />}
      </td>
      {selected && (
        <td className="act">
          <button
            type="button"
            className="tool"
            aria-label={t(row.declined ? 'take_back_row' : 'decline_row', { name })}
            onClick={() => props.onDecline(row.id, !row.declined)}
          >
            {t(row.declined ? 'take_back' : 'decline')}
          </button>
        </td>
      )}
    </tr>
  )
}

function What({ row }: { row: SurveyRow }) {
  const t = useT()
  const shown = (field: string, value: string) =>
    value === '' ? (
      <span className="soft">{t('nothing')}</span>
    ) : field === 'state' ? (
      word('cstate', value)
    ) : (
      value
    )
  const differs = differences(row)
  if (row.verdict !== 'changed') {
    const known = differs.filter((each) => each.after || each.before)
    return (
      <dl className="survey-values">
        {known.map(({ field, before, after }) => (
          <div key={field}>
            <dt>{word('f', field)}</dt>
            <dd>{shown(field, after || before)}</dd>
          </div>
        ))}
      </dl>
    )
  }
  return (
    <dl className="survey-differs">
      {differs.map(({ field, before, after }) => (
        <div key={field}>
          <dt>{word('f', field)}</dt>
          <dd>
            <del>{shown(field, before)}</del>
            <span aria-hidden="true"> → </span>
            <span className="only-read">{t('becomes')}</span>
            <ins>{shown(field, after)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Why({ row }: { row: SurveyRow }) {
  const t = useT()
  const remedy = pick(row.remedy_zh, row.remedy_en)
  const raw = Object.entries(row.after ?? {})
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(t('comma'))
  return (
    <div className="survey-why">
      <p>
        <strong>{pick(row.reason_zh, row.reason_en) || row.reason}</strong>{' '}
        {row.detail && <span>{row.detail}</span>}
      </p>
      {remedy && <p className="soft">{t('remedy', { text: remedy })}</p>}
      {raw && (
        <p className="soft survey-raw" title={raw}>
          {raw}
        </p>
      )}
    </div>
  )
}
