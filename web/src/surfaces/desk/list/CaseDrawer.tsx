/** The case that lies open beside a list; the list stays in reach. */
import { Drawer } from 'antd'
import { later, useAhead } from '../../../ui/later'
import { useKeys } from '../keys'
import { useT } from './words'

const CasePanel = later(async () => (await import('../case/CasePanel')).CasePanel)
const AHEAD = [CasePanel.ahead]

interface CaseDrawerProps {
  id: number | null
  onClose: () => void
  onMove: (id: number) => void
}

export function CaseDrawer({ id, onClose, onMove }: CaseDrawerProps) {
  const t = useT()
  useAhead(AHEAD)
  useKeys(id === null ? {} : { leave: onClose })
  return (
    <Drawer
      open={id !== null}
      mask={false}
      // Escape is the page's own: it shuts what lies uppermost.
      keyboard={false}
      size="min(760px, 100vw, max(56vw, 600px))"
      closable={false}
      rootClassName="case-drawer"
      onClose={onClose}
      aria-label={t('case')}
      // Below the desk's header, which stays in reach.
      rootStyle={{ top: 'var(--head)' }}
      styles={{ body: { padding: 0 } }}
    >
      {id !== null && <CasePanel key={id} id={id} onClose={onClose} onMove={onMove} />}
    </Drawer>
  )
}
