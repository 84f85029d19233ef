/** Which numbers the table shows, and what each of them means. */
import { Drawer } from 'antd'
import { useKeys } from '../keys'
import type { Kind } from './search'
import { type Dictionary, definition, indicatorName } from './table'
import { useT } from './words'

interface IndicatorsProps {
  kind: Kind
  dictionary: Dictionary
  columns: readonly string[]
  onChange: (columns: string[] | undefined) => void
  onClose: () => void
}

export function Indicators({ kind, dictionary, columns, onChange, onClose }: IndicatorsProps) {
  const t = useT()
  useKeys({ leave: onClose })
  const of = (all: Map<string, { code: string; kinds: string[] }>) =>
    [...all.values()].filter((each) => each.kinds.includes(kind)).map((each) => each.code)
  const rates = of(dictionary.rates)
  const counts = of(dictionary.measures)
  const groups = [
    { name: t('rates'), codes: rates },
    { name: t('counts'), codes: counts },
  ]
  function toggle(code: string, shown: boolean) {
    // In the order of the list, whichever was chosen first.
    const all = [...counts, ...rates]
    const next = new Set(columns)
    if (shown) next.add(code)
    else next.delete(code)
    const kept = columns.filter((each) => next.has(each))
    const added = all.filter((each) => next.has(each) && !columns.includes(each))
    onChange([...kept, ...added])
  }
  return (
    <Drawer
      open
      mask={false}
      size={460}
      closable={false}
      onClose={onClose}
      aria-label={t('indicators')}
      rootClassName="ev-drawer"
      styles={{ body: { padding: 0 } }}
    >
      <div className="ev-drill">
        <header>
          <h2>{t('indicators')}</h2>
          <button type="button" className="tool" onClick={() => onChange(undefined)}>
            {t('indicators_usual')}
          </button>
          <button type="button" className="tool" onClick={onClose}>
            {t('close')}
          </button>
        </header>
        {groups.map((group) => (
          <fieldset key={group.name} className="ev-indicators">
            <legend>{group.name}</legend>
            {group.codes.map((code) => (
              <label key={code}>
                <input
                  type="checkbox"
                  checked={columns.includes(code)}
                  disabled={columns.length === 1 && columns.includes(code)}
                  onChange={(event) => toggle(code, event.target.checked)}
                />
                <span>
                  {indicatorName(dictionary, code)}
                  <span className="soft">{definition(dictionary, code)}</span>
                </span>
              </label>
            ))}
          </fieldset>
        ))}
      </div>
    </Drawer>
  )
}
