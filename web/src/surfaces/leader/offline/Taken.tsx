/** The communities that lie on this phone. */
import { useEffect, useState } from 'react'
import { said } from '../../../api/problem'
import { named } from '../../../app/language'
import { size, whole } from '../../../app/numbers'
import { duration, shortTime, useNow } from '../../../app/time'
import { follow } from '../../../ui/path'
import { useT } from '../opened/text'
import type { Person } from '../person'
import { type Community, communities } from './store'
import TakeAlong from './TakeAlong'

export default function Taken({ person }: { person: Person }) {
  const t = useT()
  const now = useNow(60)
  const [all, setAll] = useState<Community[]>()
  const [open, setOpen] = useState<string | null>(null)
  const [problem, setProblem] = useState('')
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is the wish to look again
  useEffect(() => {
    communities(person.id).then(setAll, (error: unknown) => setProblem(said(error)))
  }, [person.id, turn])
  const bytes = all?.reduce((sum, each) => sum + each.bytes, 0) ?? 0
  return (
    <section className="leader-list">
      <h2>{t('taken_along')}</h2>
      {problem && (
        <p className="note bad" role="alert">
          {problem}
        </p>
      )}
      {all?.length === 0 && <p className="empty">{t('taken_none')}</p>}
      {all && all.length > 0 && <p className="num">{t('taken_sum', { size: size(bytes) })}</p>}
      {all?.map((each) => {
        const search = new URLSearchParams({ area: each.code })
        return (
          <article key={each.key} className="card">
            <h3>
              <a href={`/m/leader/city?${search}`} onClick={follow}>
                {named(each)}
              </a>
            </h3>
            <p className="num">
              {t('taken_row', {
                components: whole(each.components),
                size: size(each.bytes),
                time: shortTime(each.at),
                age: duration(now - each.at),
              })}
            </p>
            <button
              type="button"
              className="button"
              aria-expanded={open === each.code}
              onClick={() => setOpen(open === each.code ? null : each.code)}
            >
              {t('taken_manage')}
            </button>
            {open === each.code && (
              <TakeAlong
                code={each.code}
                person={person}
                onChange={() => setTurn((before) => before + 1)}
              />
            )}
          </article>
        )
      })}
    </section>
  )
}
