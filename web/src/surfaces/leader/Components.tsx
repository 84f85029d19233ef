/** The components behind a number of the inventory. */
import { useState } from 'react'
import { type Component, nameOf } from '../../api/components'
import { follow } from '../../ui/path'
import { wantedOf } from './inventory'
import { components } from './offline/reading'
import { Since } from './offline/Since'
import { useT, word } from './opened/text'
import type { Person } from './person'
import { Sheets } from './Sheets'

export function Components({ search, person }: { search: string; person: Person }) {
  const t = useT()
  const wanted = wantedOf(search)
  const [at, setAt] = useState<number>()
  return (
    <section className="leader-list">
      <h2>{t('components')}</h2>
      <Since at={at} />
      <Sheets
        name={search}
        read={async (cursor, signal) => {
          const sheet = await components(person.id, wanted, cursor, signal)
          setAt(sheet.at)
          return sheet
        }}
        keyOf={(row) => row.code}
        row={(row) => <ComponentRow row={row} />}
        none={t('no_components')}
        className="leader-rows card"
      />
    </section>
  )
}

export function ComponentRow({ row }: { row: Component }) {
  return (
    <a href={`/m/leader/components/${encodeURIComponent(row.code)}`} onClick={follow}>
      <strong>{nameOf(row)}</strong>
      <span className={row.state === 'intact' ? 'soft' : 'phase phase-over'}>
        {word('state', row.state)}
      </span>
      <span className="soft num">{row.code}</span>
    </a>
  )
}
