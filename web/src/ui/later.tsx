/**
 * Parts of a page that come when they are first shown, or ahead of it. One that does not arrive
 * says so, comes by itself once the network is back, and breaks nothing else on the page: React's
 * own `lazy` throws, and remembers for good that a part failed.
 */
import {
  type ComponentType,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useSyncExternalStore,
} from 'react'
import { withWords, words } from '../app/language'
import { Lost } from './Lost'
import zh from './zh.json'

const { useT } = words(zh, () => import('./en.json').then((file) => file.default))

export interface Later<P> {
  (props: P): ReactNode
  /** Loads it before it is wanted; whether it is there now. */
  ahead: () => Promise<boolean>
}

/** `Frame` is drawn around what stands in for a part that is not there yet, with the part's props. */
export function later<P extends object>(
  load: () => Promise<(props: P) => ReactNode>,
  Frame: ComponentType<P & { children: ReactNode }> = Bare,
): Later<P> {
  let part: ((props: P) => ReactNode) | undefined
  let asked: Promise<boolean> | undefined
  let lost = false
  const listeners = new Set<() => void>()

  function tell(): void {
    for (const listener of listeners) listener()
  }

  function listen(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  async function ask(): Promise<boolean> {
    try {
      part = await withWords(load())
    } catch {
      lost = true
      asked = undefined
    }
    tell()
    return part !== undefined
  }

  function ahead(): Promise<boolean> {
    asked ??= ask()
    return asked
  }

  function Shown(props: P) {
    const Part = useSyncExternalStore(listen, () => part)
    const isLost = useSyncExternalStore(listen, () => lost)
    // Before it is painted: what failed while nobody looked is asked for anew, not told.
    useLayoutEffect(() => {
      lost = false
      void ahead()
      tell()
    }, [])
    if (Part) return <Part {...props} />
    return <Frame {...props}>{isLost ? <Lost ask={ahead} /> : <Coming />}</Frame>
  }
  return Object.assign(Shown, { ahead })
}

function Bare({ children }: { children: ReactNode }) {
  return children
}

function Coming() {
  const t = useT()
  return (
    <p className="empty coming" role="status">
      {t('part_coming')}
    </p>
  )
}

/** Loads what is likely wanted soon, once the page is there and rests; what did not arrive, again
 * when the network is back. `<html data-ahead="here">` says that all of it has. */
export function useAhead(loads: readonly (() => Promise<unknown>)[]): void {
  useEffect(() => {
    const begin = () => {
      void Promise.all(loads.map((load) => load())).then(
        (found) => {
          if (!found.includes(false)) document.documentElement.dataset.ahead = 'here'
        },
        () => undefined,
      )
    }
    const rest = () => {
      // Safari 16 has no idle time to tell of.
      if ('requestIdleCallback' in window) requestIdleCallback(begin, { timeout: 2_000 })
      else setTimeout(begin, 500)
    }
    if (document.readyState === 'complete') rest()
    else window.addEventListener('load', rest)
    window.addEventListener('online', begin)
    return () => {
      window.removeEventListener('load', rest)
      window.removeEventListener('online', begin)
    }
  }, [loads])
}
