/** Open cases nearby that may be the same problem: shown before anything is sent. */
import { pick } from '../../../app/language'
import { shortTime } from '../../../app/time'
import { StateMark } from '../../../ui/Phase'
import type { Nearby } from '../answers'
import { Sheet } from '../Sheet'
import { useT } from '../words'

interface SameSheetProps {
  nearby: readonly Nearby[]
  /** Whether the draft can be sent as it is; otherwise the list is only for looking. */
  ready: boolean
  onClose: () => void
  onChoose: (sameAs: Nearby | null) => void
}

export function SameSheet({ nearby, ready, onClose, onChoose }: SameSheetProps) {
  const t = useT()
  return (
    <Sheet
      title={t('same_title')}
      onClose={onClose}
      foot={
        <button
          type="button"
          className="button main"
          disabled={!ready}
          onClick={() => onChoose(null)}
        >
          {t('same_new')}
        </button>
      }
    >
      <p className="soft">{t('same_intro')}</p>
      <ul className="same">
        {nearby.map((each) => (
          <li key={each.case_id} className="card stack">
            <div>
              <p className="row">
                <strong className="grow">
                  {pick(each.matter_zh, each.matter_en) || t('same_unclassified')}
                </strong>
                <StateMark row={each} />
              </p>
              <p className="two-lines">{each.excerpt}</p>
              <p className="soft num">
                {t('same_distance', { metres: Math.round(each.distance_m) })}
                {' · '}
                {t('same_at', { time: shortTime(each.reported_at) })}
              </p>
            </div>
            <button
              type="button"
              className="button"
              disabled={!ready}
              onClick={() => onChoose(each)}
            >
              {t('same_follow')}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
