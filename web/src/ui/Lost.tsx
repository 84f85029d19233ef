/** What stands where a part of the page did not arrive. */
import { useCallback, useEffect, useState } from 'react'
import { words } from '../app/language'
import zh from './zh.json'

const { useT } = words(zh, () => import('./en.json').then((file) => file.default))

const AGAIN_MS = 10_000
const RELOADED = 'chengyun.reloaded'

/** `ask` tries to load it and says whether it is there now. */
export function Lost({ ask }: { ask: () => Promise<boolean> }) {
  const t = useT()
  const [trying, setTrying] = useState(false)
  const again = useCallback(
    async (byHand: boolean) => {
      if (byHand) setTrying(true)
      if (!((await styled()) && (await ask()))) await beginAnew(byHand)
      setTrying(false)
    },
    [ask],
  )
  useEffect(() => {
    const look = () => {
      if (navigator.onLine && !document.hidden) void again(false)
    }
    // A bad network comes back without a word.
    const timer = setInterval(look, AGAIN_MS)
    window.addEventListener('online', look)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', look)
    }
  }, [again])
  return (
    <div className="empty" role="alert">
      <p>{t('part_lost')}</p>
      <button type="button" className="button" disabled={trying} onClick={() => void again(true)}>
        {trying ? t('part_coming') : t('part_again')}
      </button>
    </div>
  )
}

/** Style sheets that did not arrive are fetched anew: who loads parts remembers them as asked for. */
async function styled(): Promise<boolean> {
  const missing = [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')].filter(
    (link) => !link.sheet,
  )
  const arrivals = missing.map(
    (link) =>
      new Promise<boolean>((resolve) => {
        const fresh = link.cloneNode() as HTMLLinkElement
        fresh.onload = () => resolve(true)
        fresh.onerror = () => resolve(false)
        link.replaceWith(fresh)
      }),
  )
  return !(await Promise.all(arrivals)).includes(false)
}

/**
 * Where the server answers and the part does not come, the server has another build by now, or this
 * is an old browser, which remembers that the file failed: the page starts anew. By itself once, or
 * a file that is truly missing would make it go round.
 */
async function beginAnew(byHand: boolean): Promise<void> {
  if (!byHand && !firstTime()) return
  const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => null)
  if (!answer?.ok) return
  noteTime()
  location.reload()
}

function firstTime(): boolean {
  try {
    return sessionStorage.getItem(RELOADED) !== import.meta.url
  } catch {
    // Where nothing can be noted, only a hand may begin anew.
    return false
  }
}

function noteTime(): void {
  try {
    sessionStorage.setItem(RELOADED, import.meta.url)
  } catch {
    // As above.
  }
}
