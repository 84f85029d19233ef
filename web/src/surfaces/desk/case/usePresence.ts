/** Who else has this case open, told every ten seconds while the page is seen. */
import { useEffect, useState } from 'react'
import { send } from '../../../api/client'

export interface Other {
  id: number
  name: string
  organisation_zh: string
  organisation_en: string
  doing: 'viewing' | 'writing'
  since: string
}

const EVERY = 10_000

export function usePresence(id: number, writing: boolean): Other[] {
  const [others, setOthers] = useState<Other[]>([])
  const doing = writing ? 'writing' : 'viewing'
  useEffect(() => {
    let gone = false
    const path = `/api/cases/${id}/presence`
    const tell = async () => {
      if (document.hidden) return
      try {
        const answer = await send(path, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ doing }),
        })
        const said: { others: Other[] } = await answer.json()
        if (!gone) setOthers(said.others)
      } catch {
        // Nobody is shown rather than somebody who may have left.
        if (!gone) setOthers([])
      }
    }
    void tell()
    const timer = setInterval(tell, EVERY)
    document.addEventListener('visibilitychange', tell)
    return () => {
      gone = true
      clearInterval(timer)
      document.removeEventListener('visibilitychange', tell)
    }
  }, [id, doing])
  useEffect(() => {
    const leave = () => {
      send(`/api/cases/${id}/presence`, { method: 'DELETE', keepalive: true }).catch(
        () => undefined,
      )
    }
    window.addEventListener('pagehide', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      setOthers([])
      leave()
    }
  }, [id])
  return others
}
