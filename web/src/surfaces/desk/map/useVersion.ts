/** How often cases have changed since the page was opened, for tiles to be asked for anew. */
import { useEffect, useRef, useState } from 'react'
import { useLive } from '../../../app/live'

/** Not more often than this. */
const TILES_MS = 10_000

export function useVersion(shown: boolean): number {
  const [version, setVersion] = useState(0)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useLive(['governance.case'], () => {
    if (!shown) return
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      setVersion((before) => before + 1)
    }, TILES_MS)
  })
  return version
}
