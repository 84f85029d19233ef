/** Which registered thing it is about: typed, scanned, nearby, or picked on the map. */
import { useState } from 'react'
import { isRefusal, said } from '../../../api/problem'
import { PhoneMap } from '../../../map/PhoneMap'
import { around } from '../../../offline/tiles'
import { later } from '../../../ui/later'
import { useTheme } from '../../../ui/Switches'
import { useData } from '../../../ui/useData'
import { far } from '../distance'
import { locate, useWhereabouts } from '../position'
import { type Component, fetchComponent, fetchNear } from './component'
import { useT } from './text'

interface ComponentPickerProps {
  value: string
  /** `found` once the server has said what it is. */
  onChange: (code: string, found: Component | null) => void
}

type Way = 'camera' | 'near' | 'map' | null

const Camera = later(async () => (await import('./Camera')).Camera)

/** Only over HTTPS, and only where there is one. */
function hasCamera(): boolean {
  return 'mediaDevices' in navigator && 'getUserMedia' in navigator.mediaDevices
}

export function ComponentPicker({ value, onChange }: ComponentPickerProps) {
  const t = useT()
  const [way, setWay] = useState<Way>(null)
  const [scanned, setScanned] = useState<'' | 'busy' | 'none'>('')
  const code = value.trim()
  const known = useData(code.length >= 4 ? `component:${code}` : null, async (signal) => {
    const component = await fetchComponent(code, signal)
    onChange(code, component)
    return component
  })

  async function scan(file: File | undefined) {
    if (!file) return
    setScanned('busy')
    try {
      const { codeInPhoto } = await import('./scan')
      const found = await codeInPhoto(file)
      setScanned(found ? '' : 'none')
      if (found) onChange(found, null)
    } catch {
      setScanned('none')
    }
  }

  return (
    <fieldset className="field">
      <legend>{t('component_pick')}</legend>
      <label>
        <span className="soft">{t('component_hint')}</span>
        <input
          className="input num"
          inputMode="numeric"
          autoComplete="off"
          maxLength={32}
          value={value}
          aria-label={t('component_code')}
          onChange={(event) => onChange(event.target.value, null)}
        />
      </label>
      <div aria-live="polite">
        {known.data && (
          <p>{t('component_found', { name: known.data.name, code: known.data.code })}</p>
        )}
        {!!known.error && (
          <p className="soft">
            {isRefusal(known.error, 404)
              ? t('component_unknown', { code })
              : t('component_unchecked')}
          </p>
        )}
        {scanned === 'busy' && <p className="soft">{t('reading')}</p>}
        {scanned === 'none' && (
          <p className="problem" role="alert">
            {t('scan_none')}
          </p>
        )}
      </div>
      <div className="buttons">
        {hasCamera() && (
          <button
            type="button"
            className="button"
            aria-pressed={way === 'camera'}
            onClick={() => {
              setScanned('')
              setWay(way === 'camera' ? null : 'camera')
            }}
          >
            {t('component_scan')}
          </button>
        )}
        <label className="button file">
          {t('component_photo')}
          <input
            type="file"
            accept="image/*"
            capture="environment"
            aria-label={t('component_photo')}
            onChange={(event) => {
              void scan(event.target.files?.[0])
              event.target.value = ''
            }}
          />
        </label>
        <button
          type="button"
          className="button"
          aria-pressed={way === 'near'}
          onClick={() => {
            locate()
            setWay(way === 'near' ? null : 'near')
          }}
        >
          {t('component_near')}
        </button>
        <button
          type="button"
          className="button"
          aria-pressed={way === 'map'}
          onClick={() => setWay(way === 'map' ? null : 'map')}
        >
          {t('component_map')}
        </button>
      </div>
      {way === 'camera' && (
        <Camera
          onCode={(found) => {
            setWay(null)
            onChange(found, null)
          }}
        />
      )}
      {way === 'near' && <Nearby onPick={(component) => onChange(component.code, component)} />}
      {way === 'map' && <OnMap onPick={(found) => onChange(found, null)} />}
    </fieldset>
  )
}

function Nearby({ onPick }: { onPick: (component: Component) => void }) {
  const t = useT()
  const { position, state } = useWhereabouts()
  // Twenty metres: a list that jumps at every step cannot be pressed.
  const key = position ? `${position.lon.toFixed(4)},${position.lat.toFixed(4)}` : null
  const { data, error } = useData(key, (signal) =>
    position ? fetchNear(position, signal) : Promise.resolve([]),
  )
  if (!position) {
    return <p className="soft">{t(state === 'denied' ? 'position_denied' : 'locating')}</p>
  }
  if (error) return <p className="soft">{said(error)}</p>
  if (!data) return <p className="soft">{t('loading')}</p>
  if (!data.length) return <p className="soft">{t('component_none_near')}</p>
  return (
    <ul className="options">
      {data.map(({ component, metres }) => (
        <li key={component.code}>
          <button type="button" onClick={() => onPick(component)}>
            {component.name}
            <span className="soft num">
              {far(metres)} · {component.code}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function OnMap({ onPick }: { onPick: (code: string) => void }) {
  const t = useT()
  const theme = useTheme()
  const { position } = useWhereabouts()
  return (
    <PhoneMap
      className="map"
      label={t('component_map_label')}
      theme={theme}
      layers={['components']}
      view={position ? [...around(position.lon, position.lat)] : null}
      onPick={({ layer, properties }) => {
        if (layer === 'components' && properties.code) onPick(String(properties.code))
      }}
    >
      <p className="empty">{t('no_webgl')}</p>
    </PhoneMap>
  )
}
