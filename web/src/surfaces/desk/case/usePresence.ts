/** Who else has this case open, told every ten seconds while the page is seen. */
import { useEffect, useState } from 'react'
import { api, type Schemas, take } from '../../../api/client'

export type Other = Schemas['OtherOut']

const EVERY = 10_000

export function usePresence(id: number, writing: boolean): Other[] {
  const [others, setOthers] = useState<Other[]>([])
  const doing = writing ? 'writing' : 'viewing'
  useEffect(() => {
    let gone = false
    const params = { path: { case_id: id } }
    const tell = async () => {
      if (document.hidden) return
      try {
        const body = { doing } as const
        const said = await take(api.POST('/api/cases/{case_id}/presence', { params, body }))
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
      api
        .DELETE('/api/cases/{case_id}/presence', {
          params: { path: { case_id: id } },
          keepalive: true,
        })
        .catch(() => undefined)
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
