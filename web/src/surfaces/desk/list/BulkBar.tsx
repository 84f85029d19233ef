/** What can be done with the selected cases. */
import { useRef, useState } from 'react'
import { useMe } from '../../../api/queries'
import { later, useAhead } from '../../../ui/later'
import { type BulkStep, stepsOf } from './bulk'
import { Export } from './Export'
import { type CaseRow, MOST_IDS } from './rows'
import { useT } from './words'

const BulkDialog = later(async () => (await import('./BulkDialog')).default)
const AHEAD = [BulkDialog.ahead]

interface BulkBarProps {
  rows: readonly CaseRow[]
  onClear: () => void
  onDone: () => void
}

export function BulkBar({ rows, onClear, onDone }: BulkBarProps) {
  const t = useT()
  const me = useMe()
  useAhead(AHEAD)
  const [begun, setBegun] = useState<{ step: BulkStep; rows: readonly CaseRow[] } | null>(null)
  const opener = useRef<HTMLElement | null>(null)
  const [went, setWent] = useState(false)

  function close() {
    setBegun(null)
    // Of a dialog that was left the selection stays, and the button that opened it.
    if (went) onClear()
    else opener.current?.focus()
  }

  const ids = new URLSearchParams(rows.slice(0, MOST_IDS).map((row) => ['ids', String(row.id)]))
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t('bulk')}>
      <strong role="status">{t('selected', { count: rows.length })}</strong>
      {stepsOf(me).map((step) => (
        <button
          key={step}
          type="button"
          className="tool"
          disabled={step === 'merge' && rows.length < 2}
          onClick={(event) => {
            opener.current = event.currentTarget
            setWent(false)
            setBegun({ step, rows })
          }}
        >
          {t(`bulk_${step}`)}
        </button>
      ))}
      {rows.length <= MOST_IDS && <Export query={ids.toString()} label={t('export_selected')} />}
      <button type="button" className="tool" onClick={onClear}>
        {t('select_none')}
      </button>
      {begun && (
        <BulkDialog
          step={begun.step}
          rows={begun.rows}
          onDone={() => {
            setWent(true)
            onDone()
          }}
          onClose={close}
        />
      )}
    </div>
  )
}
