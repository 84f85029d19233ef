/** Two maps on one place, parted by a bar: other layers, or cases of another time. */
import type { StyleSpecification } from 'maplibre-gl'
import { useCallback, useEffect, useRef, useState } from 'react'
import { named } from '../../../app/language'
import type { View } from '../../../map/blank'
import type { Canvas, Hands } from './canvas'
import type { Folder } from './layers'
import { MapCanvas } from './MapCanvas'
import { useT } from './words'

interface CurtainProps {
  /** The map below, seen to the left of the bar. */
  below: Canvas
  style: StyleSpecification
  at: View
}

export function Curtain({ below, style, at }: CurtainProps) {
  const t = useT()
  const box = useRef<HTMLDivElement>(null)
  const [share, setShare] = useState(0.5)
  const [above, setAbove] = useState<Canvas | null>(null)
  const hands = useRef<Hands>({})
  const ready = useCallback((canvas: Canvas | null) => setAbove(canvas), [])
  useEffect(() => (above ? below.together(above) : undefined), [above, below])
  const percent = `${(share * 100).toFixed(1)}%`
  const within = (next: number) => setShare(Math.min(0.95, Math.max(0.05, next)))
  return (
    <div className="map-curtain" ref={box}>
      <MapCanvas
        label={t('compare_right')}
        className="map-canvas"
        style={style}
        at={at}
        hands={hands}
        onReady={ready}
        bare
        clip={`inset(0 0 0 ${percent})`}
      />
      <div
        className="map-bar"
        role="slider"
        tabIndex={0}
        aria-label={t('compare_bar')}
        aria-orientation="horizontal"
        aria-valuemin={5}
        aria-valuemax={95}
        aria-valuenow={Math.round(share * 100)}
        style={{ left: percent }}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key]
          if (step === undefined) return
          event.preventDefault()
          within(share + step)
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          event.preventDefault()
        }}
        onPointerMove={(event) => {
          const room = box.current?.getBoundingClientRect()
          if (!room || !event.currentTarget.hasPointerCapture(event.pointerId)) return
          within((event.clientX - room.left) / room.width)
        }}
      />
    </div>
  )
}

interface CompareProps {
  tree: readonly Folder[]
  /** Codes that are on to the right. */
  on: readonly string[]
  from: string | undefined
  until: string | undefined
  /** The left side's window of time. */
  left: string
  onSwitch: (code: string, on: boolean) => void
  onWindow: (window: { from2?: string; until2?: string }) => void
}

export function Compare({ tree, on, from, until, left, onSwitch, onWindow }: CompareProps) {
  const t = useT()
  return (
    <>
      <p className="soft">{t('compare_hint')}</p>
      <h3>{t('compare_left')}</h3>
      <p className="soft num">{left}</p>
      <h3>{t('compare_right')}</h3>
      <div className="map-period">
        <label>
          {t('from')}
          <input
            type="date"
            className="map-input"
            value={from ?? ''}
            max={until}
            onChange={(event) =>
              onWindow({ from2: event.target.value || undefined, until2: until })
            }
          />
        </label>
        <label>
          {t('until')}
          <input
            type="date"
            className="map-input"
            value={until ?? ''}
            min={from}
            onChange={(event) => onWindow({ from2: from, until2: event.target.value || undefined })}
          />
        </label>
      </div>
      <ul className="map-checks">
        {tree
          .flatMap((folder) => folder.layers)
          .map((layer) => (
            <li key={layer.code}>
              <label>
                <input
                  type="checkbox"
                  checked={on.includes(layer.code)}
                  onChange={(event) => onSwitch(layer.code, event.target.checked)}
                />
                {named(layer)}
              </label>
            </li>
          ))}
      </ul>
    </>
  )
}
