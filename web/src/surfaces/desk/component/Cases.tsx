/** Its cases that I may see: what is in hand first, each a link. */
import { Link } from '@tanstack/react-router'
import { said } from '../../../api/problem'
import { named } from '../../../app/language'
import { phaseOf } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import { Clock, StateMark } from '../../../ui/Phase'
import { useCasesOf } from './useComponent'
import { useT } from './words'

export function Cases({ code }: { code: string }) {
  const t = useT()
  const cases = useCasesOf(code)
  const rows = cases.data?.pages.flatMap((page) => page.items) ?? []
  const ended = (row: (typeof rows)[number]) => phaseOf(row) === 'done'
  const sorted = [...rows.filter((row) => !ended(row)), ...rows.filter(ended)]
  return (
    <section aria-labelledby="component-cases">
      <h2 id="component-cases">{t('cases')}</h2>
      {cases.isPending && <p className="soft">{t('loading')}</p>}
      {cases.error && (
        <p className="component-problem" role="alert">
          {said(cases.error)}
        </p>
      )}
      {cases.data && rows.length === 0 && <p className="soft">{t('cases_none')}</p>}
      <ul className="component-cases">
        {sorted.map((row) => (
          <li key={row.id}>
            <p>
              <Link to="/cases/$id" params={{ id: String(row.id) }}>
                {named(row.matter, t('no_matter'))}{' '}
                <span className="num">{row.number ?? `#${row.id}`}</span>
              </Link>
              <StateMark row={row} />
            </p>
            <p className="component-words" title={row.description}>
              {row.description}
            </p>
            <p className="soft">
              <span className="num">{shortTime(row.reported_at)}</span> <Clock row={row} />
            </p>
          </li>
        ))}
      </ul>
      {cases.hasNextPage && (
        <button
          type="button"
          className="tool"
          disabled={cases.isFetchingNextPage}
          onClick={() => void cases.fetchNextPage()}
        >
          {t('more')}
        </button>
      )}
    </section>
  )
}
