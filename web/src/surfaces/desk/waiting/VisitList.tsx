/** Reporters who are to be asked whether it was solved. The form of the visit is the case's own. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { api, type Schemas, take } from '../../../api/client'
import { useLive } from '../../../app/live'
import { duration, longTime, useNow } from '../../../app/time'
import { Nothing } from '../list/Nothing'
import { Pager } from '../list/Pager'
import { PAGE } from '../list/rows'
import { useT } from './words'

type Visit = Schemas['VisitOut']
const VISITS = ['visits']
const AGAIN_MS = 2_000

interface VisitListProps {
  cursor: string
  open: number | null
  onOpen: (id: number) => void
}

export function VisitList({ cursor, open, onOpen }: VisitListProps) {
  const t = useT()
  const navigate = useNavigate({ from: '/' })
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...VISITS, cursor],
    queryFn: ({ signal }) => {
      const query = { limit: PAGE, cursor: cursor || undefined }
      return take(api.GET('/api/visits', { params: { query }, signal }))
    },
    placeholderData: keepPreviousData,
  })
  useVisitsAgain()
  const visits = data?.items ?? []
  return (
    <section className="list-card" aria-label={t('tab_visits')}>
      <div className={`case-rows${isPlaceholderData ? ' stale' : ''}`}>
        <table aria-label={t('tab_visits')}>
          <thead>
            <tr>
              <th scope="col">{t('visit_due')}</th>
              <th scope="col">{t('visit_report')}</th>
              <th scope="col">{t('visit_case')}</th>
              <th scope="col">{t('visit_who')}</th>
              <th scope="col">{t('visit_phone')}</th>
            </tr>
          </thead>
          <tbody>
            {visits.map((visit) => (
              <VisitRow
                key={visit.report_number}
                visit={visit}
                open={visit.case_id === open}
                onOpen={onOpen}
              />
            ))}
          </tbody>
        </table>
        {visits.length === 0 &&
          (data && !error ? (
            <p className="empty">{t('none_visits')}</p>
          ) : (
            <Nothing
              loading={!error}
              error={error}
              narrowed={false}
              onAgain={() => void refetch()}
            />
          ))}
      </div>
      <Pager
        total={undefined}
        shown={visits.length}
        next={data?.next ?? null}
        previous={data?.previous ?? null}
        onTurn={(next) => void navigate({ search: (old) => ({ ...old, cursor: next }) })}
      />
    </section>
  )
}

/** A closed case adds a visit, a visit that was made takes one away. */
function useVisitsAgain() {
  const client = useQueryClient()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useLive(['governance.case'], (event) => {
    if (!/\.(visit_back|close|grant_forced_close|reopen|rate)$/.test(event.kind)) return
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      void client.invalidateQueries({ queryKey: VISITS })
    }, AGAIN_MS)
  })
}

interface VisitRowProps {
  visit: Visit
  open: boolean
  onOpen: (id: number) => void
}

function VisitRow({ visit, open, onOpen }: VisitRowProps) {
  const t = useT()
  const now = useNow(60)
  const left = Date.parse(visit.due_at) - now
  return (
    <tr
      data-current={open || undefined}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('a, button')) return
        onOpen(visit.case_id)
      }}
    >
      <td title={longTime(visit.due_at)}>
        {left < 0 ? (
          <span className="phase phase-over num">{t('visit_late', { time: duration(left) })}</span>
        ) : (
          <span className="num">{t('visit_left', { time: duration(left) })}</span>
        )}
      </td>
      <td>
        <button type="button" className="as-link" onClick={() => onOpen(visit.case_id)}>
          <span className="num">{visit.report_number}</span>
        </button>
      </td>
      <td>
        <Link to="/cases/$id" params={{ id: String(visit.case_id) }} preload={false}>
          <span className="num">{visit.case_number ?? `#${visit.case_id}`}</span>
        </Link>
      </td>
      <td>{of(visit.contact, 'name') || t('visit_nobody')}</td>
      <td className="num">{of(visit.contact, 'phone') || '—'}</td>
    </tr>
  )
}

/** A part of the masked contact. */
function of(contact: Visit['contact'], part: string): string {
  const value = contact?.[part]
  return typeof value === 'string' ? value : ''
}
