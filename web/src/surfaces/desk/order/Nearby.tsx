/** Open cases nearby that may be the same problem, before a second case is made of it. */
import { Button } from 'antd'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import { STATES } from '../../../app/phase'
import { shortTime } from '../../../app/time'
import { StateMark } from '../../../ui/Phase'
import type { NearbyCase } from '../case/shape'
import { useT } from './words'

interface NearbyProps {
  /** Undefined before there are words to compare. */
  found: readonly NearbyCase[] | undefined
  error: unknown
  chosen: number | null
  onSame: (id: number, name: string) => void
}

export function Nearby({ found, error, chosen, onSame }: NearbyProps) {
  const t = useT()
  return (
    <section aria-labelledby="order-nearby">
      <h2 id="order-nearby">{t('nearby')}</h2>
      <div aria-live="polite">
        {!found && !error && <p className="soft">{t('nearby_ask')}</p>}
        {error ? <p className="case-problem">{said(error)}</p> : null}
        {found?.length === 0 && <p className="soft">{t('nearby_none')}</p>}
      </div>
      <ul className="case-list">
        {found?.map((each) => {
          const state = STATES.find((one) => one === each.state)
          const name = each.number ?? `#${each.case_id}`
          return (
            <li key={each.case_id} aria-current={chosen === each.case_id || undefined}>
              <p>
                <a href={`/desk/cases/${each.case_id}`} target="_blank" rel="noreferrer">
                  <span className="num">{name}</span>
                </a>{' '}
                {pick(each.matter_zh, each.matter_en)} {state && <StateMark row={{ state }} />}
              </p>
              <p className="case-cut">{each.excerpt}</p>
              <p className="soft">
                <span className="num">{shortTime(each.reported_at)}</span> ·{' '}
                {pick(each.reason_zh, each.reason_en)}
              </p>
              <Button
                size="small"
                type={chosen === each.case_id ? 'primary' : 'default'}
                aria-pressed={chosen === each.case_id}
                onClick={() => onSame(each.case_id, name)}
              >
                {t('same')}
              </Button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
