/** The list as a file, with the filters it has on the screen. The server streams it. */
import { Menu } from '../Menu'
import { useT } from './words'

const FORMS = ['xlsx', 'csv', 'geojson'] as const

/** `query` is written by `listQuery`, or names the cases. */
export function Export({ query, label }: { query: string; label?: string }) {
  const t = useT()
  return (
    <Menu label={label ?? t('export')} align="end">
      {(close) => (
        <>
          <p className="menu-note">{t('export_note')}</p>
          {FORMS.map((form) => (
            <a key={form} href={`/api/export/cases.${form}?${query}`} download onClick={close}>
              {t(`export_${form}`)}
            </a>
          ))}
        </>
      )}
    </Menu>
  )
}
