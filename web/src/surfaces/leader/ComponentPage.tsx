/** One component: what it is, whose, in which state, and where. */
import { type Schemas, send } from '../../api/client'
import { said } from '../../api/problem'
import { named } from '../../app/language'
import { CityMap } from '../../map/CityMap'
import { useTheme } from '../../ui/Switches'
import { useData } from '../../ui/useData'
import { useT, word } from './words'

const NEAR = 0.003

export function ComponentPage({ code }: { code: string }) {
  const t = useT()
  const theme = useTheme()
  const { data, error } = useData<Schemas['ComponentOut']>(code, async (signal) =>
    (await send(`/api/components/${encodeURIComponent(code)}`, { signal })).json(),
  )
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
  const { lon, lat } = data
  const rows: [string, string][] = [
    [t('f_code'), data.code],
    [t('f_state'), word('state', data.state)],
    [t('f_class'), data.component_class],
    [t('f_authority'), named(data.authority, '—')],
    [t('f_owner'), named(data.owner, '—')],
    [t('f_maintainer'), named(data.maintainer, '—')],
    [t('f_grid'), data.unit_grid ?? '—'],
    [t('f_surveyed'), data.first_surveyed ?? '—'],
    [t('f_source'), data.source || '—'],
  ]
  return (
    <article className="leader-case">
      <section className="card">
        <h2>{data.name || data.code}</h2>
        <dl className="leader-facts">
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="card">
        <h2>{t('place')}</h2>
        <CityMap
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
        </CityMap>
      </section>
    </article>
  )
}
