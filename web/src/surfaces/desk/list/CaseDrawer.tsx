/** The case that lies open beside a list; the list stays in reach. */
import { Drawer } from 'antd'
import { lazy, Suspense } from 'react'
import { useKeys } from '../keys'
import { Loading } from '../Shell'
import { useT } from './words'

const CasePanel = lazy(() =>
  import('../case/CasePanel').then((module) => ({ default: module.CasePanel })),
)

interface CaseDrawerProps {
  id: number | null
  onClose: () => void
  onMove: (id: number) => void
}

export function CaseDrawer({ id, onClose, onMove }: CaseDrawerProps) {
  const t = useT()
  useKeys(id === null ? {} : { Escape: onClose })
  return (
    <Drawer
      open={id !== null}
      mask={false}
      size="min(760px, 56vw)"
      closable={false}
      rootClassName="case-drawer"
      onClose={onClose}
      aria-label={t('case')}
      // Below the desk's header, which stays in reach.
      rootStyle={{ top: 48 }}
      styles={{ body: { padding: 0 } }}
    >
      {id !== null && (
        <Suspense fallback={<Loading />}>
          <CasePanel key={id} id={id} onClose={onClose} onMove={onMove} />
        </Suspense>
      )}
    </Drawer>
  )
}
