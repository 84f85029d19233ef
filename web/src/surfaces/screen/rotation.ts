/**
 * Where the wall looks: the whole city, then each district in turn. A person who touches the
 * map, chooses a district or presses pause stops the turning for a while.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { send } from '../../api/client'
import type { District } from '../../api/overview'
import { city } from '../../app/city'
import { boundsAround } from '../../map/bounds'
import type { Bounds } from '../../map/CityMap'

const CITY_MS = 40_000
const DISTRICT_MS = 20_000
/** After a touch the wall stays where it is for this long. */
const HOLD_MS = 120_000

export interface Focus {
  /** The district's code; null for the whole city. */
  code: string | null
  view: Bounds | null
}

export interface Rotation {
  focus: Focus
  turning: boolean
  toggle: () => void
  /** Somebody touched the map: wait. */
  hold: () => void
  look: (code: string | null) => void
}

export function rotates(search: string): boolean {
  return new URLSearchParams(search).get('rotate') !== '0'
}

/** The one after `code`: the city, the districts that have something open, the city again. */
export function following(code: string | null, districts: readonly District[]): string | null {
  const stops = districts.filter((each) => each.open > 0).map((each) => each.code)
  if (code === null) return stops[0] ?? null
  const all = districts.map((each) => each.code)
  const later = all.slice(all.indexOf(code) + 1)
  return later.find((each) => stops.includes(each)) ?? null
}

export function useRotation(districts: readonly District[] | undefined, start: boolean): Rotation {
  const [turning, setTurning] = useState(start)
  const [focus, setFocus] = useState<Focus>({ code: null, view: null })
  const heldUntil = useRef(0)
  const latest = useRef(districts)
  latest.current = districts

  const look = useCallback((code: string | null) => {
    if (code === null) {
      setFocus({ code: null, view: city().bounds })
      return
    }
    boundsOf(code).then(
      (view) => setFocus({ code, view }),
      () => undefined, // it stays where it is, the next turn tries again
    )
  }, [])

  const { code } = focus
  useEffect(() => {
    if (!turning) return
    const step = () => {
      const wait = heldUntil.current - Date.now()
      if (wait > 0) timer = setTimeout(step, wait)
      else look(following(code, latest.current ?? []))
    }
    let timer = setTimeout(step, code === null ? CITY_MS : DISTRICT_MS)
    // Where nothing follows (one district, no answer) the same turn is tried again.
    const again = setInterval(step, 2 * CITY_MS)
    return () => {
      clearTimeout(timer)
      clearInterval(again)
    }
  }, [turning, code, look])

  return {
    focus,
    turning,
    toggle: useCallback(() => setTurning((before) => !before), []),
    hold: useCallback(() => {
      heldUntil.current = Date.now() + HOLD_MS
    }, []),
    look: useCallback(
      (wanted: string | null) => {
        heldUntil.current = Date.now() + HOLD_MS
        look(wanted)
      },
      [look],
    ),
  }
}

const known = new Map<string, Bounds>()

async function boundsOf(code: string): Promise<Bounds> {
  const before = known.get(code)
  if (before) return before
  const answer = await send(`/api/areas/${encodeURIComponent(code)}`)
  const { geometry } = (await answer.json()) as { geometry: { coordinates: unknown } | null }
  const box = boundsAround(geometry?.coordinates)
  if (!box) throw new Error(`The area ${code} has no outline.`)
  known.set(code, box)
  return box
}
