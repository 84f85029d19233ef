/** The whole table (every number, also those not shown) as a file in the language of the page. */
import { App } from 'antd'
import { useState } from 'react'
import { send } from '../../../api/client'
import { said } from '../../../api/problem'
import { Menu } from '../Menu'
import { stringifySearch } from '../search'
import type { Kind, TableQuery } from './search'
import { useT } from './words'

const FORMS = ['xlsx', 'csv'] as const

export function Export({ kind, query }: { kind: Kind; query: TableQuery }) {
  const t = useT()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  async function save(format: (typeof FORMS)[number]) {
    setBusy(true)
    try {
      // A plain link would come in the browser's language.
      const address = `/api/evaluation/${kind}${stringifySearch({ ...query, format })}`
      const file = await (await send(address)).blob()
      const link = document.createElement('a')
      link.href = URL.createObjectURL(file)
      link.download = `${t(`kind_${kind}`)}-${query.period}.${format}`
      link.click()
      // The browser reads the address when the click is over.
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
    } catch (error) {
      void message.error(said(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Menu label={busy ? t('exporting') : t('export')} align="end">
      {(close) => (
        <>
          {FORMS.map((format) => (
            <button
              key={format}
              type="button"
              className="row"
              disabled={busy}
              onClick={() => {
                close()
                void save(format)
              }}
            >
              {t(`export_${format}`)}
            </button>
          ))}
        </>
      )}
    </Menu>
  )
}
