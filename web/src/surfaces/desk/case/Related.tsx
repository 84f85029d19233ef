/** Cases that may be the same, and how similar ones went; asked for only when they come into view. */
import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import { STATES } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import { StateMark } from '../../../ui/Phase'
import { CaseLink } from './Head'
import type { CaseDetail, Duplicate, SimilarCase } from './shape'
import { useSuggestions } from './useCase'
import { useT } from './words'

interface RelatedProps {
  detail: CaseDetail
  onMove: (id: number) => void
  /** Offered where this case may be merged. */
  onMerge: ((main: number) => void) | null
}

export function Related({ detail, onMove, onMerge }: RelatedProps) {
  const t = useT()
  const box = useRef<HTMLElement>(null)
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    if (!box.current) return
    const watch = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) setSeen(true)
    })
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [])
  const { data, error } = useSuggestions(detail.id, seen)
  return (
    <section ref={box} aria-labelledby={`related-${detail.id}`} aria-busy={seen && !data && !error}>
      <h2 id={`related-${detail.id}`}>{t('related')}</h2>
      {detail.merged.length > 0 && (
        <>
          <h3>{t('merged')}</h3>
          <ul className="case-list">
            {detail.merged.map((each) => (
              <li key={each.id}>
                <CaseLink id={each.id} onMove={onMove}>
                  <span className="num">{each.number ?? `#${each.id}`}</span>
                </CaseLink>
                <p className="case-cut">{each.description}</p>
              </li>
            ))}
          </ul>
        </>
      )}
      {!data && !error && <p className="soft">{t('related_reading')}</p>}
      {error && <p className="case-problem">{said(error)}</p>}
      {data && (
        <>
          <h3>{t('duplicates')}</h3>
          {data.duplicates.length === 0 && <p className="soft">{t('dup_none')}</p>}
          <ul className="case-list">
            {data.duplicates.map((each) => (
              <Twin key={each.case_id} twin={each} onMove={onMove} onMerge={onMerge} />
            ))}
          </ul>
          <h3>{t('similar')}</h3>
          {data.similar.length === 0 && <p className="soft">{t('sim_none')}</p>}
          <ul className="case-list">
            {data.similar.map((each) => (
              <Past key={each.case_id} past={each} onMove={onMove} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

interface TwinProps {
  twin: Duplicate
  onMove: (id: number) => void
  onMerge: ((main: number) => void) | null
}

function Twin({ twin, onMove, onMerge }: TwinProps) {
  const t = useT()
  const state = STATES.find((each) => each === twin.state)
  return (
    <li>
      <p>
        <CaseLink id={twin.case_id} onMove={onMove}>
          <span className="num">{twin.number ?? `#${twin.case_id}`}</span>
        </CaseLink>{' '}
        {pick(twin.matter_zh, twin.matter_en)} {state && <StateMark row={{ state }} />}
      </p>
      <p className="case-cut" title={twin.description}>
        {twin.description}
      </p>
      <p className="soft">{pick(twin.reason_zh, twin.reason_en)}</p>
      {onMerge && (
        <Button size="small" onClick={() => onMerge(twin.case_id)}>
          {t('merge_into')}
        </Button>
      )}
    </li>
  )
}

function Past({ past, onMove }: { past: SimilarCase; onMove: (id: number) => void }) {
  const t = useT()
  const hours = past.used_hours
  return (
    <li>
      <p>
        <CaseLink id={past.case_id} onMove={onMove}>
          <span className="num">{past.number ?? `#${past.case_id}`}</span>
        </CaseLink>{' '}
        {pick(past.matter_zh, past.matter_en)}
      </p>
      <p className="case-cut" title={past.description}>
        {past.description}
      </p>
      <p className="soft">
        {[
          pick(past.department_zh, past.department_en),
          hours === null ? '' : t('sim_took', { hours }),
          past.closed_at && shortTime(past.closed_at),
          pick(past.reason_zh, past.reason_en),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {past.result && <p className="case-opinion">{past.result}</p>}
    </li>
  )
}
