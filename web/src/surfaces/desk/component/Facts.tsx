/** Everything the register knows of a component, under the names of the national table. */
import type { ReactNode } from 'react'
import type { ComponentDetail } from '../../../api/components'
import { named, pick } from '../../../app/language'
import { StateMark } from './StateMark'
import { useEditions } from './useComponent'
import { useT, word } from './words'

export function Facts({ detail }: { detail: ComponentDetail }) {
  const t = useT()
  const edition = useEditions()?.find((each) => each.code === detail.edition)
  const coded = (code: string, name: string) => [name, code].filter(Boolean).join(' ')
  const rows: [string, ReactNode][] = [
    [
      'code',
      <span key="code" className="num">
        {detail.code}
      </span>,
    ], // prettier-ignore
    ['class', coded(detail.component_class, pick(detail.class_zh, detail.class_en))],
    ['name', detail.name],
    ['state', <StateMark key="state" state={detail.state} />],
    ['authority', named(detail.authority)],
    ['owner', named(detail.owner)],
    ['maintainer', named(detail.maintainer)],
    [
      'areas',
      detail.areas
        .slice(1)
        .map((area) => named(area))
        .join(' · '),
    ], // prettier-ignore
    ['street_code', coded(detail.street_code, detail.street_name)],
    ['community_code', coded(detail.community_code, detail.community_name)],
    ['unit_grid', detail.unit_grid && <span className="num">{detail.unit_grid}</span>],
    ['duty_grids', detail.duty_grids.map((grid) => grid.name || grid.code).join(' · ')],
    [
      'place',
      <span
        key="place"
        className="num"
      >{`${detail.lon.toFixed(7)}, ${detail.lat.toFixed(7)}`}</span>,
    ], // prettier-ignore
    ['accuracy', word('accuracy', detail.accuracy || 'unknown')],
    ['first_surveyed', detail.first_surveyed],
    ['changed_on', detail.changed_on],
    ['source', detail.source],
    [
      'survey',
      detail.survey && [detail.survey.title, detail.survey.day].filter(Boolean).join(' · '),
    ], // prettier-ignore
    ['edition', named(edition, detail.edition)],
    ['remark', detail.remark],
  ]
  return (
    <section aria-labelledby="component-facts">
      <h2 id="component-facts">{t('facts')}</h2>
      <dl className="component-facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{word('f', name)}</dt>
            <dd>{value || '—'}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
