/** The class of a problem, searched in the list that lies on the phone. */
import { useState } from 'react'
import type { Me } from '../../../api/session'
import { named, pick } from '../../../app/language'
import { useKept } from '../store/kept'
import { fetchMatters } from '../tasks/read'
import { findMatters } from './matters'
import { useT } from './text'

interface MatterPickerProps {
  me: Me
  value: number | null
  onChange: (matter: number | null) => void
}

export function MatterPicker({ me, value, onChange }: MatterPickerProps) {
  const t = useT()
  const { data, loading } = useKept(me.user.id, 'matters', fetchMatters)
  const [typed, type] = useState('')
  const matters = data ?? []
  const chosen = matters.find((matter) => matter.id === value)
  const found = findMatters(matters, typed)
  return (
    <section className="field" aria-label={t('matter')}>
      <span className="label" id="matter">
        {t('matter')}
      </span>
      {chosen ? (
        <div className="chosen">
          <span>
            {named(chosen)} <span className="soft">{pick(chosen.class_zh, chosen.class_en)}</span>
          </span>
          <button type="button" className="button" onClick={() => onChange(null)}>
            {t('matter_change')}
          </button>
        </div>
      ) : (
        <>
          <input
            className="input"
            type="search"
            value={typed}
            placeholder={t('matter_search')}
            aria-labelledby="matter"
            onChange={(event) => type(event.target.value)}
          />
          <p className="soft">
            {!loading && !matters.length
              ? t('matter_missing')
              : typed && !found.length
                ? t('matter_none')
                : t('matter_skip')}
          </p>
          {found.length > 0 && (
            <ul className="options">
              {found.map((matter) => (
                <li key={matter.id}>
                  <button
                    type="button"
                    onClick={() => {
                      onChange(matter.id)
                      type('')
                    }}
                  >
                    {named(matter)}
                    <span className="soft">{pick(matter.class_zh, matter.class_en)}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  )
}
