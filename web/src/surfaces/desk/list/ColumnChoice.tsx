/** Which columns, in which order; kept with the person. */
import { Menu } from '../Menu'
import type { Preference } from '../preferences'
import { ALL_COLUMNS, type ColumnKey, columnName, USUAL } from './columns'
import { useT } from './words'

export function ColumnChoice({ columns }: { columns: Preference<ColumnKey[]> }) {
  const t = useT()
  const { value: shown, save } = columns
  const others = ALL_COLUMNS.filter((key) => !shown.includes(key))
  function move(key: ColumnKey, by: number) {
    const next = shown.filter((each) => each !== key)
    next.splice(shown.indexOf(key) + by, 0, key)
    save(next)
  }
  return (
    <Menu label={t('columns')} align="end">
      {() => (
        <div className="columns">
          <ul>
            {[...shown, ...others].map((key) => {
              const at = shown.indexOf(key)
              return (
                <li key={key}>
                  <label>
                    <input
                      type="checkbox"
                      checked={at >= 0}
                      // The number is the way to a case's page.
                      disabled={key === 'number'}
                      onChange={() =>
                        save(at >= 0 ? shown.filter((each) => each !== key) : [...shown, key])
                      }
                    />
                    {columnName(key)}
                  </label>
                  <button
                    type="button"
                    aria-label={t('column_up', { name: columnName(key) })}
                    disabled={at <= 0}
                    onClick={() => move(key, -1)}
                  >
                    ↑
                  </button>
                  <button
                    type="button"
                    aria-label={t('column_down', { name: columnName(key) })}
                    disabled={at < 0 || at === shown.length - 1}
                    onClick={() => move(key, 1)}
                  >
                    ↓
                  </button>
                </li>
              )
            })}
          </ul>
          <button type="button" className="row" onClick={() => save([...USUAL])}>
            {t('columns_usual')}
          </button>
        </div>
      )}
    </Menu>
  )
}
