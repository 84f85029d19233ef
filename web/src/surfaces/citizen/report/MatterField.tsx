/** The kind of problem: suggested from the words, confirmed by the person, never set silently. */
import { useState } from 'react'
import { pick } from '../../../app/language'
import { Chips } from '../../../ui/Chips'
import { later } from '../../../ui/later'
import { type ChosenMatter, change, useDraft } from '../draft'
import { useT } from '../words'
import type { Suggestions } from './useSuggestions'

const MatterSheet = later(async () => (await import('./MatterSheet')).default)
const MOST = 3
const UNSURE = 'none'

interface Offer extends ChosenMatter {
  reason: string
}

export function MatterField({ suggestions }: { suggestions: Suggestions }) {
  const t = useT()
  const { matter } = useDraft()
  const [open, setOpen] = useState(false)
  const [unsure, setUnsure] = useState(false)

  const offers: Offer[] = suggestions.found.matters.slice(0, MOST).map((each) => ({
    id: each.matter_id,
    zh: each.name_zh,
    en: each.name_en,
    reason: pick(each.reason_zh, each.reason_en),
  }))
  if (matter && !offers.some((offer) => offer.id === matter.id)) {
    offers.unshift({ ...matter, reason: '' })
  }
  const reason = offers.find((offer) => offer.id === matter?.id)?.reason
  const suggested = suggestions.found.matters.length > 0

  function choose(value: string) {
    const offer = offers.find((each) => String(each.id) === value)
    setUnsure(!offer)
    change({ matter: offer ? { id: offer.id, zh: offer.zh, en: offer.en } : null })
  }

  return (
    <div className="matter" aria-live="polite">
      {offers.length > 0 ? (
        <>
          <Chips
            legend={t('matter')}
            name="matter"
            choices={[
              ...offers.map((offer) => ({
                value: String(offer.id),
                label: pick(offer.zh, offer.en),
              })),
              { value: UNSURE, label: t('matter_none') },
            ]}
            value={matter ? String(matter.id) : unsure ? UNSURE : null}
            onChange={choose}
          />
          <p className="soft under">{reason || (suggested && !matter ? t('matter_choose') : '')}</p>
        </>
      ) : (
        <>
          <p className="label">{t('matter')}</p>
          <p className="soft">{suggestions.failed ? t('matter_failed') : t('matter_hint')}</p>
        </>
      )}
      <button type="button" className="button plain link" onClick={() => setOpen(true)}>
        {offers.length > 0 ? t('matter_other') : t('matter_browse')}
      </button>
      {open && (
        <MatterSheet
          onClose={() => setOpen(false)}
          onChoose={(chosen) => {
            change({ matter: chosen })
            setOpen(false)
          }}
        />
      )}
    </div>
  )
}
