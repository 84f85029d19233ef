/** What the city has: components by class, area, state, whose; tapped, one level down. */
import { useMemo } from 'react'
import { COUNTED_BY, type Inventory } from '../../api/overview'
import { said } from '../../api/problem'
import { named, useLanguage } from '../../app/language'
import { whole } from '../../app/numbers'
import { BarList } from '../../ui/chart/BarList'
import { later, useAhead } from '../../ui/later'
import { follow, go } from '../../ui/path'
import { useData } from '../../ui/useData'
import { readArea, readCommunities } from './areas'
import {
  cityAt,
  componentsAt,
  countable,
  down,
  isCommunity,
  type Narrowing,
  narrowings,
  type Wanted,
  wantedOf,
} from './inventory'
import { useKept } from './kept'
import { type Dated, inventory } from './offline/reading'
import { Since } from './offline/Since'
import { useT, word } from './opened/text'
import type { Person } from './person'
import { Search } from './Search'

const TakeAlong = later(async () => (await import('./offline/TakeAlong')).default)
const AHEAD = [TakeAlong.ahead]

interface CityProps {
  person: Person
  search: string
}

export function City({ person, search }: CityProps) {
  const t = useT()
  useAhead(AHEAD)
  const wanted = useMemo(() => wantedOf(search), [search])
  const text = new URLSearchParams(search).get('q') ?? ''
  return (
    <>
      <Search text={text} person={person} />
      {!text && <Numbers wanted={wanted} person={person} />}
      <a className="button" href="/m/leader/offline" onClick={follow}>
        {t('taken_along')}
      </a>
    </>
  )
}

function useInventory(person: Person, wanted: Wanted) {
  const spoken = useLanguage()
  const { by, class_code, area, state, maintainer } = wanted
  const key = [by, class_code, area, state, maintainer, spoken].join(' ')
  return useKept<Inventory & Dated>(`${person.id}.inventory.${key}`, (signal) =>
    inventory(person.id, wanted, signal),
  )
}

function Numbers({ wanted, person }: { wanted: Wanted; person: Person }) {
  const t = useT()
  const { data, error, again } = useInventory(person, wanted)
  const street = wanted.area.length === 9 ? wanted.area : null
  return (
    <>
      <Narrowed wanted={wanted} person={person} />
      {!data && !error && (
        <p className="empty" role="status">
          {t('loading')}
        </p>
      )}
      {!data && !!error && (
        <div className="empty">
          <p role="alert">{said(error)}</p>
          <button type="button" className="button" onClick={again}>
            {t('try_again')}
          </button>
        </div>
      )}
      {data && (
        <>
          <Since at={data.at} />
          <Figures data={data} />
          <Counts data={data} wanted={wanted} />
          {narrowings(wanted).length > 0 && (
            <a className="button" href={componentsAt(wanted)} onClick={follow}>
              {t('show_components')}
            </a>
          )}
        </>
      )}
      {street && <Communities street={street} wanted={wanted} />}
      {isCommunity(wanted) && <TakeAlong key={wanted.area} code={wanted.area} person={person} />}
    </>
  )
}

function Figures({ data }: { data: Inventory }) {
  const t = useT()
  return (
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
  )
}

function Counts({ data, wanted }: { data: Inventory; wanted: Wanted }) {
  const t = useT()
  return (
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
          {countable(wanted).map((by) => (
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
  )
}

function Communities({ street, wanted }: { street: string; wanted: Wanted }) {
  const t = useT()
  const { data } = useData(`communities ${street}`, (signal) => readCommunities(street, signal))
  if (!data || data.length === 0) return null
  return (
    <section className="card">
      <h2>{t('communities')}</h2>
      <p className="soft">{t('communities_say')}</p>
      <ul className="leader-rows">
        {data.map((area) => (
          <li key={area.code}>
            <a href={cityAt({ ...wanted, area: area.code, by: 'class' })} onClick={follow}>
              <strong>{named(area)}</strong>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
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
            <span>
              <NameOf narrowing={{ name, by }} wanted={wanted} person={person} />
            </span>
            <span aria-hidden="true">×</span>
            <span className="only-read">{t('take_away')}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

interface NameOfProps {
  narrowing: Narrowing
  wanted: Wanted
  person: Person
}

function NameOf({ narrowing: { name, by }, wanted, person }: NameOfProps) {
  const code = wanted[name]
  if (name === 'state') return word('state', code)
  if (name === 'area') return <AreaName code={code} person={person} />
  return <CountedName wanted={{ ...wanted, by }} code={code} person={person} />
}

function AreaName({ code, person }: { code: string; person: Person }) {
  const { data } = useKept(`${person.id}.area.${code}`, (signal) => readArea(code, signal))
  return named(data, code)
}

/** Counted by its own kind, the narrowed inventory has one row, with its name. */
function CountedName({ wanted, code, person }: { wanted: Wanted; code: string; person: Person }) {
  const { data } = useInventory(person, wanted)
  return named(
    data?.rows.find((row) => row.key === code),
    code,
  )
}
