/** The map for pages that show one among other things: they do not wait for it, nor fail with it. */
import type { ReactNode } from 'react'
import { later } from '../ui/later'

export const LaterMap = later(
  async () => (await import('./CityMap')).CityMap,
  ({ className, children }: { className?: string; children: ReactNode }) => (
    <div className={className}>{children}</div>
  ),
)
