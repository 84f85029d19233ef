/** What became of it: every change with who, when and from where, and what differs. */

import { photo } from '../../../api/client'
import type { ComponentChange, ComponentDetail } from '../../../api/components'
import { said } from '../../../api/problem'
import { named } from '../../../app/language'
import { longTime, shortTime } from '../../../app/time'
import { type Difference, differences } from './change'
import { useChanges, useOrganisations } from './useComponent'
import { useT, word } from './words'

const PARTIES = new Set(['authority', 'owner', 'maintainer'])

export function Life({ detail }: { detail: ComponentDetail }) {
  const t = useT()
  const changes = useChanges(detail.code)
  const rows = changes.data?.pages.flatMap((page) => page.items) ?? []
  const told = rows.map((row) => ({ row, differs: differences(row) }))
  const named = useOrganisations(
    told.some(({ differs }) => differs.some(({ field }) => PARTIES.has(field))),
  )
  const names = new Map(named?.map((each) => [each.code, each]))
  const { survey } = detail
  return (
    <section aria-labelledby="component-life">
      <h2 id="component-life">{t('life')}</h2>
      {changes.isPending && <p className="soft">{t('loading')}</p>}
      {changes.error && (
        <p className="component-problem" role="alert">
          {said(changes.error)}
        </p>
      )}
      {changes.data && rows.length === 0 && !survey && <p className="soft">{t('life_none')}</p>}
      <ol className="component-life" reversed>
        {told.map(({ row, differs }) => (
          <Step key={row.id} row={row} differs={differs} names={names} />
        ))}
        {survey && !changes.hasNextPage && (
          <li>
            <p className="component-step">
              <strong>{word('verb', 'register')}</strong>
              <time className="num">{survey.day ?? ''}</time>
            </p>
            <p className="soft">{t('by_survey', { title: survey.title })}</p>
          </li>
        )}
      </ol>
      {changes.hasNextPage && (
        <button
          type="button"
          className="tool"
          disabled={changes.isFetchingNextPage}
          onClick={() => void changes.fetchNextPage()}
        >
          {t('more')}
        </button>
      )}
    </section>
  )
}

type Names = Map<string, { name_zh: string; name_en: string }>

interface StepProps {
  row: ComponentChange
  differs: Difference[]
  names: Names
}

function Step({ row, differs, names }: StepProps) {
  const t = useT()
  const shown = (field: string, value: string) => {
    if (value === '') return <span className="soft">{t('nothing')}</span>
    if (field === 'state') return word('state', value)
    if (field === 'accuracy') return word('accuracy', value)
    if (PARTIES.has(field)) return named(names.get(value), value)
    return value
  }
  // What is registered or removed says so; only what a person wrote is told field by field.
  const whole = row.verb === 'register'
  return (
    <li>
      <p className="component-step">
        <strong>{word('verb', row.verb)}</strong>
        <span className="soft">{[row.actor, word('origin', row.origin)].join(' · ')}</span>
        <time className="num" dateTime={row.at} title={longTime(row.at)}>
          {shortTime(row.at)}
        </time>
      </p>
      {row.verb === 'photo' ? (
        <PhotoStep row={row} />
      ) : (
        !whole && (
          <dl className="component-differs">
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
      )}
    </li>
  )
}

function PhotoStep({ row }: { row: ComponentChange }) {
  const t = useT()
  const up = row.after?.photo
  const key = up ?? row.before?.photo
  if (typeof key !== 'string') return null
  return (
    <p className="component-photo-step">
      <img src={photo(key, 'thumb')} alt="" loading="lazy" />
      {t(up ? 'photo_put_up' : 'photo_taken_down')}
    </p>
  )
}
