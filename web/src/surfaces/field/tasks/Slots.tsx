/** Labelled places for photos: near, far, a landmark; before, after. */
import { useEffect, useMemo, useState } from 'react'
import { shortTime } from '../../../app/time'
// Not asked for when they are needed: that is where there is no network.
import { shoot } from '../../../ui/shrink'
import { stamp } from '../stamp'
import type { DraftPhoto } from '../store/draft'
import type { Slot } from '../store/item'
import { useT } from '../words'

/** What is written on a photo: who took it, where it is. */
export interface Marking {
  /** Who says so: `wm_person` a person, `wm_department` a body. */
  by: string
  place: string
  subject: string
}

interface SlotsProps {
  legend: string
  slots: readonly Slot[]
  photos: readonly DraftPhoto[]
  onChange: (photos: DraftPhoto[]) => void
  marking: Marking
  /** Where and when the camera says a photo was taken. */
  onOrigin?: (place: [number, number]) => void
}

const MOST_A_SLOT = 3
const SINGLE: readonly Slot[] = ['near', 'far', 'reference']

export function Slots({ legend, slots, photos, onChange, marking, onOrigin }: SlotsProps) {
  const t = useT()
  const [busy, setBusy] = useState<Slot | null>(null)
  const [problem, setProblem] = useState('')

  async function add(slot: Slot, file: File | undefined) {
    if (!file) return
    setBusy(slot)
    setProblem('')
    try {
      const shot = await shoot(file)
      URL.revokeObjectURL(shot.url)
      const time = shortTime(shot.takenAt ?? Date.now())
      const place =
        marking.place || (shot.place ? shot.place.map((degree) => degree.toFixed(5)).join(' ') : '')
      const blob = await stamp(shot.blob, [
        `${t(`slot_${slot}`)} · ${marking.subject}`,
        t('wm_time', { time }),
        ...(place ? [t('wm_place', { place })] : []),
        marking.by,
      ])
      onChange([...photos, { id: crypto.randomUUID(), slot, blob }])
      if (shot.place) onOrigin?.(shot.place)
    } catch {
      setProblem(t('unreadable'))
    }
    setBusy(null)
  }

  return (
    <fieldset className="field">
      <legend>{legend}</legend>
      <div className="slots">
        {slots.map((slot) => {
          const own = photos.filter((photo) => photo.slot === slot)
          const most = SINGLE.includes(slot) ? 1 : MOST_A_SLOT
          return (
            <div key={slot} className="slot">
              {own.map((photo) => (
                <Taken
                  key={photo.id}
                  photo={photo}
                  onRemove={() => onChange(photos.filter((each) => each !== photo))}
                />
              ))}
              {own.length < most && (
                <label className="add">
                  <span aria-hidden="true">{busy === slot ? t('reading') : '+'}</span>
                  <input
                    type="file"
                    accept="image/*"
                    capture="environment"
                    disabled={busy !== null}
                    aria-label={t('take_slot', { slot: t(`slot_${slot}`) })}
                    onChange={(event) => {
                      void add(slot, event.target.files?.[0])
                      event.target.value = ''
                    }}
                  />
                </label>
              )}
              <span className="slot-name">{t(`slot_${slot}`)}</span>
            </div>
          )
        })}
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  )
}

function Taken({ photo, onRemove }: { photo: DraftPhoto; onRemove: () => void }) {
  const t = useT()
  const url = useMemo(() => URL.createObjectURL(photo.blob), [photo.blob])
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  const slot = t(`slot_${photo.slot}`)
  return (
    <div className="taken">
      <img src={url} alt={t('slot_photo', { slot })} />
      <button type="button" aria-label={t('remove_slot', { slot })} onClick={onRemove}>
        ×
      </button>
    </div>
  )
}
