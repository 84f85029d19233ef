/** The place of a component: two numbers and a pin, whichever is nearer at hand. */
import { useEffect, useId, useState } from 'react'
import type { Place } from '../../../map/CityMap'
import { LaterMap } from '../../../map/LaterMap'
import { useTheme } from '../../../ui/Switches'
import { useT } from './words'

const NEAR = 0.0012
const LAYERS = ['unit_grids', 'components'] as const

interface PinFieldProps {
  place: Place
  moved: boolean
  onPlace: (place: Place) => void
}

export function PinField({ place, moved, onPlace }: PinFieldProps) {
  const t = useT()
  const theme = useTheme()
  const id = useId()
  const [lon, lat] = place
  const [start] = useState(place)
  const [typed, setTyped] = useState([String(lon), String(lat)])
  const [shown, setShown] = useState(moved)
  useEffect(() => {
    setTyped((before) =>
      Number(before[0]) === lon && Number(before[1]) === lat ? before : [String(lon), String(lat)],
    )
  }, [lon, lat])
  function type(index: 0 | 1, text: string) {
    const next = index === 0 ? [text, typed[1] ?? ''] : [typed[0] ?? '', text]
    setTyped(next)
    const [x, y] = next.map(Number)
    if (next.every((each) => each.trim() !== '') && inWorld(x, y)) onPlace([x ?? 0, y ?? 0])
  }
  return (
    <fieldset className={`component-pin${moved ? ' changed' : ''}`}>
      <legend>{t('f_place')}</legend>
      <label htmlFor={`${id}-lon`}>{t('lon')}</label>
      <input
        id={`${id}-lon`}
        className="num"
        inputMode="decimal"
        value={typed[0]}
        onChange={(event) => type(0, event.target.value)}
      />
      <label htmlFor={`${id}-lat`}>{t('lat')}</label>
      <input
        id={`${id}-lat`}
        className="num"
        inputMode="decimal"
        value={typed[1]}
        onChange={(event) => type(1, event.target.value)}
      />
      <button type="button" className="tool" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {t('pin')}
      </button>
      {shown && (
        <LaterMap
          className="component-map"
          label={t('pin_map')}
          theme={theme}
          layers={LAYERS}
          pin={place}
          view={[start[0] - NEAR, start[1] - NEAR * 0.5, start[0] + NEAR, start[1] + NEAR * 0.5]}
          onPin={([x, y]) => onPlace([Number(x.toFixed(7)), Number(y.toFixed(7))])}
        >
          <p>{t('pin_none')}</p>
        </LaterMap>
      )}
    </fieldset>
  )
}

function inWorld(lon: number | undefined, lat: number | undefined): boolean {
  return Math.abs(lon ?? Number.NaN) <= 180 && Math.abs(lat ?? Number.NaN) <= 90
}
