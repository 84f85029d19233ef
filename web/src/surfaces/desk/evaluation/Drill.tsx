/** The rows behind a number: exactly what was counted, each with the way to its case. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Drawer } from 'antd'
import { api, type Schemas, take } from '../../../api/client'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import { STATES } from '../../../app/phase'
import { longTime, shortTime } from '../../../app/time'
import { StateMark } from '../../../ui/Phase'
import { useKeys } from '../keys'
import { periodName } from './names'
import type { Period } from './period'
import { type EvaluationSearch, kindOf, tableQuery } from './search'
import {
  type Cell,
  countsBehind,
  type Dictionary,
  definition,
  figureOf,
  indicatorName,
  writeValue,
} from './table'
import { useT } from './words'

interface DrillProps {
  search: EvaluationSearch
  period: Period
  dictionary: Dictionary
  /** Whose number, and what it is in the table. */
  name: string
  cell: Cell | undefined
  /** What counted as now when the table was made: the rows are of the same moment. */
  at: string
  onPart: (code: string) => void
  onClose: () => void
}

export function Drill(props: DrillProps) {
  const { search, period, dictionary, name, cell, onPart, onClose } = props
  const t = useT()
  useKeys({ leave: onClose })
  const look = search.look ?? ''
  const counts = countsBehind(dictionary, look)
  const count = counts.find((each) => each.code === search.part) ?? counts[0]
  const isRate = dictionary.rates.has(look)
  return (
    <Drawer
      open
      mask={false}
      size="min(720px, 60vw)"
      closable={false}
      onClose={onClose}
      aria-label={t('behind')}
      rootClassName="ev-drawer"
      styles={{ body: { padding: 0 } }}
    >
      <div className="ev-drill">
        <header>
          <h2>
            {name}
            <span className="soft">{periodName(period)}</span>
          </h2>
          <button type="button" className="tool" onClick={onClose}>
            {t('close')}
          </button>
        </header>
        <p>
          <strong>
            {indicatorName(dictionary, look)}{' '}
            <span className="num">{writeValue(dictionary, look, figureOf(cell, look))}</span>
          </strong>
          <span className="soft">{definition(dictionary, look)}</span>
        </p>
        {isRate && (
          <div className="ev-seg" role="group" aria-label={t('made_of')}>
            {counts.map((each) => (
              <button
                key={each.code}
                type="button"
                aria-pressed={each === count}
                title={pick(each.says_zh, each.says_en)}
                onClick={() => onPart(each.code)}
              >
                {indicatorName(dictionary, each.code)}{' '}
                <span className="num">
                  {writeValue(dictionary, each.code, figureOf(cell, each.code))}
                </span>
              </button>
            ))}
          </div>
        )}
        {count ? (
          <Counted {...props} key={count.code} measure={count.code} />
        ) : (
          <p className="empty">{t('no_count')}</p>
        )}
      </div>
    </Drawer>
  )
}

type CountedOut = Schemas['CountedOut']

function Counted({ search, period, at, measure }: DrillProps & { measure: string }) {
  const t = useT()
  const { scheme, ...query } = tableQuery(search, period)
  const object = search.of === '*' ? '' : (search.of ?? '')
  const kind = kindOf(search)
  const asked = { ...query, at, kind, measure, object, limit: 50 }
  const rows = useInfiniteQuery({
    queryKey: ['evaluation', 'rows', asked],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/evaluation/cases', {
          params: { query: { ...asked, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    refetchOnWindowFocus: false,
  })
  if (rows.isPending) return <Said text={t('loading')} />
  if (rows.error) return <Said text={said(rows.error)} alert />
  const items = rows.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <Said text={t('nothing_counted')} />
  return (
    <>
      <ul className="ev-counted" aria-label={t('behind')}>
        {items.map((item) => (
          <CountedRow key={`${item.source}-${item.row}`} item={item} />
        ))}
      </ul>
      {rows.hasNextPage && (
        <button
          type="button"
          className="tool"
          disabled={rows.isFetchingNextPage}
          onClick={() => void rows.fetchNextPage()}
        >
          {rows.isFetchingNextPage ? t('loading') : t('more')}
        </button>
      )}
      {!rows.hasNextPage && (
        <p className="soft ev-end">{t('all_counted', { count: items.length })}</p>
      )}
    </>
  )
}

function CountedRow({ item }: { item: CountedOut }) {
  const t = useT()
  const state = STATES.find((each) => each === item.state)
  return (
    <li>
      <span className="ev-counted-head">
        <Link to="/cases/$id" params={{ id: String(item.case) }} className="num">
          {item.number ?? t('case_id', { id: String(item.case) })}
        </Link>
        <span>{pick(item.matter_zh, item.matter_en) || t('no_matter')}</span>
        {state && <StateMark row={{ state }} />}
        {item.counts !== 1 && (
          <span className="soft num">{t('counts_for', { count: item.counts })}</span>
        )}
        <time dateTime={item.at} title={longTime(item.at)} className="num soft">
          {shortTime(item.at)}
        </time>
      </span>
      <span className="ev-counted-text" title={item.description}>
        {item.description}
      </span>
    </li>
  )
}

function Said({ text, alert }: { text: string; alert?: boolean }) {
  return (
    <p className="empty" role={alert ? 'alert' : 'status'}>
      {text}
    </p>
  )
}
