/**
 * The city on the wall: the overview every thirty seconds, live events in between, the newest
 * cases, the intake by minute, and a version of the map that rises when cases changed.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type Schemas, send } from '../../api/client'
import { type CaseRow, type Overview, readOverview } from '../../api/overview'
import { isRefusal } from '../../api/problem'
import { goSignIn } from '../../api/session'
import { type LiveState, useLive } from '../../app/live'
import { Feed } from './feed'
import { type Happening, merged } from './newest'
import type { Change } from './tally'

const OVERVIEW_MS = 30_000
const ROWS_MS = 2_000
const MAP_MS = 10_000
/** The last hour is read anew this often: what was missed while away comes back. */
const HOUR_MS = 10 * 60_000
const HOUR_PAGES = 3

export interface CityNow {
  overview: Overview | undefined
  /** When the overview was last read; null before the first. */
  readAt: number | null
  error: unknown
  change: Change
  happenings: readonly Happening[]
  intake: readonly (number | null)[]
  mapVersion: number
  live: LiveState
}

const NO_CHANGE: Change = { received: 0, closed: 0, open: 0 }

export function useCity(): CityNow {
  const [read, setRead] = useState<{ overview: Overview; at: number }>()
  const [error, setError] = useState<unknown>(null)
  const [happenings, setHappenings] = useState<readonly Happening[]>([])
  const [beat, setBeat] = useState(0)
  const [mapVersion, setMapVersion] = useState(0)
  const mapDue = useRef(false)
  const rowsDue = useRef(false)

  const feed = useMemo(
    () =>
      new Feed(() => {
        rowsDue.current = true
        mapDue.current = true
        setBeat((before) => before + 1)
      }),
    [],
  )
  useEffect(() => () => feed.stop(), [feed])

  const readAll = useCallback(async (signal: AbortSignal) => {
    try {
      const overview = await readOverview(signal)
      setRead({ overview, at: Date.now() })
      setError(null)
      setHappenings((before) => merged(before, overview.newest.map(fresh)))
    } catch (problem) {
      if (signal.aborted) return
      if (isRefusal(problem, 401)) goSignIn()
      setError(problem)
    }
  }, [])

  const readHour = useCallback(
    async (signal: AbortSignal) => {
      feed.intake.restart()
      const hour = await lastHour(signal).catch(() => null)
      if (hour && !signal.aborted) {
        feed.intake.seed(hour.times, hour.from)
        setBeat((before) => before + 1)
      }
    },
    [feed],
  )

  const live = useLive(['governance.case'], (event) => feed.take(event))
  // What happened while the stream was down was not counted: read everything anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `live` is the reason to read
  useEffect(() => {
    const stop = new AbortController()
    void readAll(stop.signal)
    void readHour(stop.signal)
    const all = setInterval(() => void readAll(stop.signal), OVERVIEW_MS)
    const hour = setInterval(() => void readHour(stop.signal), HOUR_MS)
    return () => {
      stop.abort()
      clearInterval(all)
      clearInterval(hour)
    }
  }, [live === 'open', readAll, readHour])

  useEffect(() => {
    const stop = new AbortController()
    const rows = setInterval(() => {
      if (!rowsDue.current) return
      rowsDue.current = false
      const changed = feed.takeChanged()
      readRows([...changed.keys()], stop.signal).then(
        (found) => {
          const more = found.map((row) => ({ row, at: changed.get(row.id) ?? Date.now() }))
          setHappenings((before) => merged(before, more))
        },
        () => undefined, // the next overview brings them
      )
    }, ROWS_MS)
    const map = setInterval(() => {
      if (!mapDue.current) return
      mapDue.current = false
      setMapVersion((before) => before + 1)
    }, MAP_MS)
    return () => {
      stop.abort()
      clearInterval(rows)
      clearInterval(map)
    }
  }, [feed])

  const overview = read?.overview
  // biome-ignore lint/correctness/useExhaustiveDependencies: each beat counts anew
  const change = useMemo(
    () => (overview ? feed.since.after(Date.parse(overview.at)) : NO_CHANGE),
    [overview, beat, feed],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: each beat counts anew
  const intake = useMemo(() => feed.intake.series(Date.now()), [beat, read, feed])
  return {
    overview,
    readAt: read?.at ?? null,
    error,
    change,
    happenings,
    intake,
    mapVersion,
    live,
  }
}

function fresh(row: CaseRow): Happening {
  return { row, at: Date.parse(row.reported_at) }
}

async function readRows(ids: readonly number[], signal: AbortSignal): Promise<CaseRow[]> {
  if (ids.length === 0) return []
  const query = new URLSearchParams(ids.map((id) => ['ids', String(id)]))
  const page: Schemas['Page_CaseRow_'] = await (
    await send(`/api/cases?${query}`, { signal })
  ).json()
  return page.items
}

/** When the cases of the last hour came in, as far back as a few pages reach. */
async function lastHour(signal: AbortSignal): Promise<{ times: number[]; from: number }> {
  const from = Date.now() - 3_600_000
  const times: number[] = []
  let cursor: string | null | undefined
  for (let page = 0; page < HOUR_PAGES; page += 1) {
    const query = new URLSearchParams({ reported_from: new Date(from).toISOString(), limit: '200' })
    if (cursor) query.set('cursor', cursor)
    const found: Schemas['Page_CaseRow_'] = await (
      await send(`/api/cases?${query}`, { signal })
    ).json()
    for (const row of found.items) times.push(Date.parse(row.reported_at))
    cursor = found.next
    if (!cursor) return { times, from }
  }
  return { times, from: Math.max(from, Math.min(...times)) }
}
