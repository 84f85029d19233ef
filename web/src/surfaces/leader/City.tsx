/** What the city has: components by class, district, state, whose; tapped, one level down. */
import { COUNTED_BY, type CountedBy, readInventory } from '../../api/overview'
import { said } from '../../api/problem'
import { named } from '../../app/language'
import { whole } from '../../app/numbers'
import { BarList } from '../../ui/chart/BarList'
import { follow, go } from '../../ui/path'
import { cityAt, down, inventoryQuery, narrowings, type Wanted, wantedOf } from './inventory'
import { useKept } from './kept'
import type { Person } from './person'
import { useT } from './words'

interface CityProps {
  person: Person
  search: string
}

export function City({ person, search }: CityProps) {
  const t = useT()
  const wanted = wantedOf(search)
  const query = inventoryQuery(wanted)
  const { data, error, again } = useKept(`${person.id}.inventory.${query}`, (signal) =>
    readInventory(query, signal),
  )
  const fine = wanted.class_code.length > 2
  return (
    <>
      {!data && !error && (
        <p className="empty" role="status">
          {t('loading')}
        </p>
      )}
      {!data && error && (
        <div className="empty">
          <p role="alert">{said(error)}</p>
          <button type="button" className="button" onClick={again}>
            {t('try_again')}
          </button>
        </div>
      )}
      {data && (
        <>
          <Narrowed wanted={wanted} person={person} />
          <section className="figures" aria-label={t('inventory')}>
            <div className="figure">
              <span className="figure-name">{t('components')}</span>
              <strong className="num">{whole(data.total)}</strong>
              <span className="figure-note">
                {t('damaged', { count: data.rows.reduce((sum, row) => sum + row.damaged, 0) })}
              </span>
            </div>
            <div className="figure">
              <span className="figure-name">{t('ground')}</span>
              <strong className="num">{whole(data.areas.community ?? 0)}</strong>
              <span className="figure-note">
                {t('communities_of', {
                  streets: data.areas.street ?? 0,
                  grids: data.unit_grids,
                  duties: data.duty_grids,
                })}
              </span>
            </div>
          </section>
          <section className="card">
            <label className="leader-by">
              <span>{t('counted_by')}</span>
              <select
                value={wanted.by}
                onChange={(event) => {
                  const by = COUNTED_BY.find((each) => each === event.target.value)
                  if (by) go(cityAt({ ...wanted, by }), true)
                }}
              >
                {COUNTED_BY.map((by) => (
                  <option key={by} value={by}>
                    {t(`by_${by}`)}
                  </option>
                ))}
              </select>
            </label>
            {data.rows.length === 0 ? (
              <p>{t('no_components')}</p>
            ) : (
              <BarList
                label={t('inventory')}
                onFollow={follow}
                rows={data.rows.slice(0, 100).map((row) => ({
                  key: row.key || '-',
                  name: named(row),
                  value: row.count,
                  text: whole(row.count),
                  note: row.damaged > 0 ? t('damaged', { count: row.damaged }) : undefined,
                  href: down(wanted, row.key),
                }))}
              />
            )}
            {data.rows.length > 100 && (
              <p className="soft">{t('more_rows', { count: data.rows.length - 100 })}</p>
            )}
          </section>
          {fine && (
            <a className="button" href={componentsAt(wanted)} onClick={follow}>
              {t('show_components')}
            </a>
          )}
        </>
      )}
    </>
  )
}

function componentsAt(wanted: Wanted): string {
  const query = new URLSearchParams({ class_code: wanted.class_code })
  if (wanted.state) query.set('state', wanted.state)
  return `/m/leader/components?${query}`
}

/** What the numbers are narrowed to, each with a way back. */
function Narrowed({ wanted, person }: { wanted: Wanted; person: Person }) {
  const t = useT()
  const on = narrowings(wanted)
  if (on.length === 0) return null
  return (
    <ul className="leader-narrowed" aria-label={t('narrowed')}>
      {on.map(({ name, by }) => (
        <li key={name}>
          <a href={cityAt({ ...wanted, [name]: '', by })} onClick={follow}>
            <NameOf wanted={wanted} by={by} code={wanted[name]} person={person} />
            <span aria-hidden="true">×</span>
            <span className="only-read">{t('take_away')}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

interface NameOfProps {
  wanted: Wanted
  by: CountedBy
  code: string
  person: Person
}

/** The name of a code: counted by its own kind, the narrowed inventory has this one row. */
function NameOf({ wanted, by, code, person }: NameOfProps) {
  const query = inventoryQuery({ ...wanted, by })
  const { data } = useKept(`${person.id}.inventory.${query}`, (signal) =>
    readInventory(query, signal),
  )
  return (
    <span>
      {named(
        data?.rows.find((row) => row.key === code),
        code,
      )}
    </span>
  )
}
