/** All kinds of problem, by class, with a search that knows their other names. */
import { useMemo, useState } from 'react'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import { useData } from '../../../ui/useData'
import { allMatters, type Matter } from '../answers'
import type { ChosenMatter } from '../draft'
import { Sheet } from '../Sheet'
import { useT } from '../words'

interface MatterSheetProps {
  onClose: () => void
  onChoose: (matter: ChosenMatter) => void
}

export interface MatterClass {
  code: string
  zh: string
  en: string
  matters: Matter[]
}

/** Those whose name, other name or class holds the words, grouped by class in the list's order. */
export function classesOf(matters: readonly Matter[], words: string): MatterClass[] {
  const wanted = words.trim().toLowerCase()
  const classes = new Map<string, MatterClass>()
  for (const matter of matters) {
    const { class_code: code, class_zh: zh, class_en: en, name_zh, name_en, aliases } = matter
    const names = [name_zh, name_en, zh, en, ...aliases]
    if (wanted && !names.some((name) => name.toLowerCase().includes(wanted))) continue
    const known = classes.get(code) ?? { code, zh, en, matters: [] }
    known.matters.push(matter)
    classes.set(code, known)
  }
  return [...classes.values()]
}

export default function MatterSheet({ onClose, onChoose }: MatterSheetProps) {
  const t = useT()
  const [words, setWords] = useState('')
  const { data, error, again } = useData('matters', allMatters)
  const classes = useMemo(() => classesOf(data ?? [], words), [data, words])
  const count = classes.reduce((sum, each) => sum + each.matters.length, 0)

  return (
    <Sheet title={t('matter_title')} onClose={onClose} tall>
      <div className="field search">
        <label className="only-read" htmlFor="matter-search">
          {t('matter_search')}
        </label>
        <input
          id="matter-search"
          className="input"
          type="search"
          value={words}
          placeholder={t('matter_search_placeholder')}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      <p className="only-read" role="status">
        {data && t('matter_found', { count })}
      </p>
      {!data && !error && <p className="empty">{t('loading')}</p>}
      {error !== undefined && (
        <div className="empty" role="alert">
          <p>{said(error)}</p>
          <button type="button" className="button" onClick={again}>
            {t('again')}
          </button>
        </div>
      )}
      {data && count === 0 && <p className="empty">{t('matter_nothing', { words })}</p>}
      {classes.map((each) => (
        <details key={each.code} open={words.trim() !== ''} className="matters">
          <summary>
            {pick(each.zh, each.en)} <span className="soft num">{each.matters.length}</span>
          </summary>
          <ul>
            {each.matters.map((matter) => (
              <li key={matter.id}>
                <button
                  type="button"
                  className="pick"
                  onClick={() =>
                    onChoose({ id: matter.id, zh: matter.name_zh, en: matter.name_en })
                  }
                >
                  {pick(matter.name_zh, matter.name_en)}
                </button>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </Sheet>
  )
}
