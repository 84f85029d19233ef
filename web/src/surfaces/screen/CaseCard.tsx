/** A case picked on the map or in the list: what it is, in a few lines. Esc closes it. */
import { useEffect } from 'react'
import { type Schemas, send } from '../../api/client'
import { said } from '../../api/problem'
import { named } from '../../app/language'
import { shortTime } from '../../app/time'
import { Clock, StateMark } from '../../ui/Phase'
import { useData } from '../../ui/useData'
import { useT } from './words'

/** A wall goes back to its own by itself. */
const CLOSE_MS = 60_000

export function CaseCard({ id, onClose }: { id: number; onClose: () => void }) {
  const t = useT()
  const { data, error } = useData<Schemas['Page_CaseRow_']>(String(id), async (signal) =>
    (await send(`/api/cases?ids=${id}`, { signal })).json(),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: another case is another minute
  useEffect(() => {
    const timer = setTimeout(onClose, CLOSE_MS)
    return () => clearTimeout(timer)
  }, [id, onClose])
  const row = data?.items[0]
  return (
    <section className="case-card panel" aria-label={t('case')}>
      <button type="button" className="close" onClick={onClose} aria-label={t('close')}>
        ×
      </button>
      {error ? <p role="alert">{said(error)}</p> : null}
      {data && !row && <p>{t('case_gone')}</p>}
      {row && (
        <>
          <h2>
            <span>{named(row.matter, t('no_matter'))}</span>
            <StateMark row={row} />
          </h2>
          <p>{row.description}</p>
          <p className="quiet">{row.address || named(row.area, t('no_place'))}</p>
          <p className="quiet num">
            {row.number ?? t('not_filed')} · {shortTime(row.reported_at)}
          </p>
          <p>
            {named(row.department)} <Clock row={row} />
          </p>
        </>
      )}
    </section>
  )
}
