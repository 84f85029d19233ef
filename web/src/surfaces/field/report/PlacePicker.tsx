/** Where it is: the phone's position, the photo's, the component's, or a pin. */
import { useEffect, useState } from 'react'
import { PhoneMap } from '../../../map/PhoneMap'
import { around } from '../../../offline/tiles'
import { useTheme } from '../../../ui/Switches'
import { locate, useWhereabouts } from '../position'
import { useT } from './text'
import type { PlaceWords } from './words'

interface PlacePickerProps {
  value: PlaceWords | null
  onChange: (place: PlaceWords) => void
}

export function PlacePicker({ value, onChange }: PlacePickerProps) {
  const t = useT()
  const theme = useTheme()
  const { position, state } = useWhereabouts()
  const [wanted, want] = useState(false)
  const [open, setOpen] = useState(false)

  useEffect(() => {
    if (!wanted || !position) return
    want(false)
    const { lon, lat, accuracy } = position
    onChange({ lon, lat, system: 'wgs84', source: 'position', accuracy: Math.round(accuracy) })
  }, [wanted, position, onChange])

  return (
    <fieldset className="field">
      <legend>{t('report_place')}</legend>
      <div aria-live="polite">
        {value ? (
          <p className="num">
            {t('place_known', { lon: value.lon.toFixed(5), lat: value.lat.toFixed(5) })}{' '}
            <span className="soft">
              {value.source === 'photo' && t('place_from_photo')}
              {value.source === 'component' && t('place_from_component')}
              {value.accuracy !== null && t('place_accuracy', { n: value.accuracy })}
            </span>
          </p>
        ) : (
          <p className="soft">{t('place_none')}</p>
        )}
        {wanted && state === 'asking' && <p className="soft">{t('locating')}</p>}
        {wanted && (state === 'denied' || state === 'unavailable') && (
          <p className="problem" role="alert">
            {t(state === 'denied' ? 'position_denied' : 'position_unavailable')}
          </p>
        )}
      </div>
      <div className="buttons">
        <button
          type="button"
          className="button"
          onClick={() => {
            locate()
            want(true)
          }}
        >
          {t('use_position')}
        </button>
        <button type="button" className="button" aria-pressed={open} onClick={() => setOpen(!open)}>
          {t('place_pin')}
        </button>
      </div>
      {open && (
        <PhoneMap
          className="map"
          label={t('place_map')}
          theme={theme}
          layers={['duty_grids']}
          view={value ? [...around(value.lon, value.lat)] : null}
          pin={value ? [value.lon, value.lat] : null}
          onPin={([lon, lat]) =>
            onChange({ lon, lat, system: 'cgcs2000', source: 'pin', accuracy: null })
          }
        >
          <p className="empty">{t('no_webgl')}</p>
        </PhoneMap>
      )}
    </fieldset>
  )
}
