/** A collector's report: photos, words, place; also of a component, also put right at once. */
import { type FormEvent, useCallback, useEffect, useState } from 'react'
import { said } from '../../../api/problem'
import type { Me } from '../../../api/session'
import { Chips } from '../../../ui/Chips'
import { go } from '../../../ui/path'
import { notice } from '../notice'
import { useWhereabouts } from '../position'
import { Shell } from '../Shell'
import { toItemPhotos, useDraft } from '../store/draft'
import { put } from '../store/outbox'
import { kick } from '../store/running'
import { Slots } from '../tasks/Slots'
import { ComponentPicker } from './ComponentPicker'
import type { Component } from './component'
import { MatterPicker } from './MatterPicker'
import { PlacePicker } from './PlacePicker'
import { useT } from './text'
import { bodyOf, EMPTY, missing, REPORT_DRAFT } from './words'

const FORM = 'report-form'
const TITLE_LENGTH = 24

export default function ReportPage({ me, component }: { me: Me; component: string | null }) {
  const t = useT()
  const draft = useDraft(`${me.user.id}.${REPORT_DRAFT}`, EMPTY)
  const { position } = useWhereabouts()
  const [problem, setProblem] = useState('')
  const [tried, setTried] = useState(false)
  const { words, photos, write } = draft
  const person = me.user.display_name || me.user.username
  const here = position ? `${position.lon.toFixed(5)} ${position.lat.toFixed(5)}` : ''

  useEffect(() => {
    if (component) write({ component })
  }, [component, write])

  const { place, text } = words
  const found = useCallback(
    (code: string, thing: Component | null) => {
      const own = place === null || place.source === 'component'
      write({
        component: code,
        ...(thing && own
          ? {
              place: {
                lon: thing.lon,
                lat: thing.lat,
                system: 'cgcs2000' as const,
                source: 'component' as const,
                accuracy: null,
              },
            }
          : {}),
      })
    },
    [place, write],
  )

  // From the first try on, told for as long as it is so.
  const lack = missing(words, photos)
  const wrong = tried && lack ? t(lack) : problem

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    setProblem('')
    if (lack) return
    try {
      await put({
        kind: 'report',
        owner: me.user.id,
        title: text.trim().slice(0, TITLE_LENGTH),
        report: bodyOf(words, new Date()),
        fixed: words.fixed ? words.fixedText.trim() : null,
        photos: toItemPhotos(photos.filter((photo) => words.fixed || photo.slot !== 'after')),
      })
    } catch (error) {
      setProblem(t('not_saved', { reason: said(error) }))
      return
    }
    await draft.clear()
    notice(t('saved_outbox'))
    go('/m/outbox')
    void kick()
  }

  return (
    <Shell title={t('report')}>
      <form id={FORM} className="card form" onSubmit={submit} noValidate>
        <Slots
          legend={t('photos')}
          slots={words.fixed ? ['before', 'after'] : ['near', 'far', 'reference']}
          photos={photos}
          onChange={draft.setPhotos}
          marking={{
            by: t('wm_person', { name: person }),
            place: words.address || here,
            subject: t('report'),
          }}
          onOrigin={([lon, lat]) => {
            if (words.place) return
            write({ place: { lon, lat, system: 'wgs84', source: 'photo', accuracy: null } })
          }}
        />
        <label className="field">
          <span className="label">{t('report_text')}</span>
          <textarea
            rows={3}
            maxLength={4000}
            placeholder={t('report_text_hint')}
            value={text}
            onChange={(event) => write({ text: event.target.value })}
          />
        </label>
        <PlacePicker value={place} onChange={(next) => write({ place: next })} />
        <label className="field">
          <span className="label">{t('report_address')}</span>
          <input
            className="input"
            maxLength={500}
            value={words.address}
            onChange={(event) => write({ address: event.target.value })}
          />
        </label>
        <MatterPicker me={me} value={words.matter} onChange={(matter) => write({ matter })} />
        <ComponentPicker value={words.component} onChange={found} />
        <Chips
          legend={t('urgency')}
          name="urgency"
          value={words.urgency}
          onChange={(urgency) => write({ urgency })}
          choices={[
            { value: 'normal', label: t('urgency_normal') },
            { value: 'urgent', label: t('urgency_urgent') },
          ]}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={words.fixed}
            onChange={(event) => write({ fixed: event.target.checked })}
          />
          {t('fixed')}
        </label>
        {words.fixed && (
          <label className="field">
            <span className="label">{t('fixed_what')}</span>
            <textarea
              rows={2}
              maxLength={4000}
              value={words.fixedText}
              onChange={(event) => write({ fixedText: event.target.value })}
            />
          </label>
        )}
        {wrong && (
          <p className="problem" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className="button main">
          {t('send_report')}
        </button>
      </form>
    </Shell>
  )
}
