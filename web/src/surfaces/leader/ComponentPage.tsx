/** One component: what it is, whose, in which state, how it looks, where, and its cases. */

import { photo } from '../../api/client'
import {
  type Component,
  type ComponentDetail,
  type ComponentPhoto,
  nameOf,
  readCasesOf,
} from '../../api/components'
import { said } from '../../api/problem'
import { named, pick } from '../../app/language'
import { shortTime } from '../../app/time'
import { PhoneMap } from '../../map/PhoneMap'
import { follow } from '../../ui/path'
import { useTheme } from '../../ui/Switches'
import { useData } from '../../ui/useData'
import { CaseCard } from './CaseList'
import { component } from './offline/reading'
import { Since } from './offline/Since'
import { useT, word } from './opened/text'
import type { Person } from './person'
import { Sheets } from './Sheets'

const NEAR = 0.003

export function ComponentPage({ code, person }: { code: string; person: Person }) {
  const t = useT()
  const { data, error } = useData(code, (signal) => component(person.id, code, signal))
  if (!data) {
    return error ? (
      <p className="empty" role="alert">
        {said(error)}
      </p>
    ) : (
      <p className="empty" role="status">
        {t('loading')}
      </p>
    )
  }
  const whole = isWhole(data) ? data : null
  return (
    <article className="leader-case">
      <Since at={data.at} />
      <section className="card">
        <h2>{nameOf(data)}</h2>
        <p className="leader-case-top">
          <span className="num">{data.code}</span>
          <span className={`phase phase-${data.state === 'intact' ? 'done' : 'over'}`}>
            <span>{word('state', data.state)}</span>
          </span>
        </p>
        <Facts data={data} whole={whole} />
      </section>
      {whole && <Photos photos={whole.photos} />}
      <PlaceCard data={data} />
      {whole ? (
        <section className="leader-list">
          <h2>{t('cases_here')}</h2>
          <Sheets
            name={`cases ${code}`}
            read={(cursor, signal) => readCasesOf(code, cursor, signal)}
            keyOf={(row) => row.id}
            row={(row) => (
              <a className="card" href={`/m/leader/cases/${row.id}`} onClick={follow}>
                <CaseCard row={row} />
              </a>
            )}
            none={t('no_cases_here')}
            className="leader-cases"
          />
        </section>
      ) : (
        <p className="soft">{t('needs_network')}</p>
      )}
    </article>
  )
}

/** What was taken along is the row of a list: no photos, no areas. */
function isWhole(row: Component): row is ComponentDetail {
  return 'photos' in row
}

function Facts({ data, whole }: { data: Component; whole: ComponentDetail | null }) {
  const t = useT()
  const rows: [string, string | null | undefined][] = [
    [t('f_class'), pick(data.class_zh, data.class_en)],
    [t('f_maintainer'), named(data.maintainer)],
    [t('f_owner'), named(data.owner)],
    [t('f_authority'), named(data.authority)],
    [
      t('f_area'),
      whole?.areas
        .slice(1)
        .map((area) => named(area))
        .join(' · '),
    ],
    [t('f_grid'), data.unit_grid],
    [t('f_duty'), whole?.duty_grids.map((grid) => grid.name).join(' · ')],
    [t('f_accuracy'), data.accuracy && word('accuracy', data.accuracy)],
    [t('f_surveyed'), data.first_surveyed],
    [t('f_changed'), data.changed_on],
    [t('f_source'), data.source],
    [t('f_remark'), data.remark],
  ]
  return (
    <dl className="leader-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value || '—'}</dd>
        </div>
      ))}
    </dl>
  )
}

function Photos({ photos }: { photos: readonly ComponentPhoto[] }) {
  const t = useT()
  return (
    <section className="card">
      <h2>{t('photos')}</h2>
      {photos.length === 0 && <p>{t('no_photos')}</p>}
      <div className="photos">
        {photos.map((each, index) => (
          <a key={each.attachment} href={photo(each.attachment)} target="_blank" rel="noreferrer">
            <img
              src={photo(each.attachment, 'thumb')}
              alt={`${t('photo', { n: index + 1 })} · ${shortTime(each.taken_at ?? each.added_at)}`}
              loading="lazy"
            />
          </a>
        ))}
      </div>
    </section>
  )
}

function PlaceCard({ data }: { data: Component }) {
  const t = useT()
  const theme = useTheme()
  const { lon, lat } = data
  return (
    <section className="card">
      <h2>{t('place')}</h2>
      <PhoneMap
        className="leader-map"
        label={t('map_of_component')}
        theme={theme}
        layers={['components']}
        view={[lon - NEAR, lat - NEAR, lon + NEAR, lat + NEAR]}
        rows={{
          type: 'FeatureCollection',
          features: [
            {
              type: 'Feature',
              geometry: { type: 'Point', coordinates: [lon, lat] },
              properties: { id: data.code, phase: data.state === 'intact' ? 'doing' : 'over' },
            },
          ],
        }}
        selected={data.code}
        controls={false}
      >
        <p className="soft num">
          {lon.toFixed(5)}, {lat.toFixed(5)}
        </p>
      </PhoneMap>
    </section>
  )
}
