/** What is being drawn as text: its corners, the next one typed in, done, undone. */
import { useState } from 'react'
import type { Place } from '../../../map/CityMap'
import { canFinish, isCrossed, isFull, MOST, placeIn, type Sketch } from './sketch'
import { lonLat } from './units'
import { useT } from './words'

export interface Pen {
  sketch: Sketch
  add: (place: Place) => void
  remove: (index: number) => void
  finish: () => void
  clear: () => void
  /** The middle of the map; null where there is no map. */
  middle: () => Place | null
}

export function Corners({ pen }: { pen: Pen }) {
  const t = useT()
  const { sketch } = pen
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  function type() {
    const place = placeIn(text)
    setWrong(!place)
    if (!place) return
    pen.add(place)
    setText('')
  }
  const middle = pen.middle()
  return (
    <div className="map-corners">
      {sketch.places.length > 0 && (
        <ol aria-label={t('corners')}>
          {sketch.places.map((place, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a corner is its place in the row
            <li key={index}>
              <span className="num">{lonLat(place)}</span>
              <button
                type="button"
                className="map-x"
                aria-label={t('corner_remove', { number: index + 1 })}
                title={t('corner_remove', { number: index + 1 })}
                onClick={() => pen.remove(index)}
              >
                ×
              </button>
            </li>
          ))}
        </ol>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          type()
        }}
      >
        <input
          className="map-input num"
          value={text}
          maxLength={60}
          aria-label={t('corner_type')}
          aria-invalid={wrong}
          placeholder={t('corner_hint')}
          onChange={(event) => {
            setText(event.target.value)
            setWrong(false)
          }}
        />
        <button type="submit" className="tool" disabled={isFull(sketch)}>
          {t('corner_add')}
        </button>
      </form>
      {wrong && (
        <p className="map-problem" role="alert">
          {t('corner_wrong')}
        </p>
      )}
      {isFull(sketch) && (
        <p className="map-problem" role="alert">
          {t('corners_full', { most: MOST })}
        </p>
      )}
      {isCrossed(sketch) && (
        <p className="map-problem" role="alert">
          {t('corners_crossed')}
        </p>
      )}
      <div className="map-buttons">
        {middle && !isFull(sketch) && (
          <button type="button" className="tool" onClick={() => pen.add(middle)}>
            {t('corner_middle')}
          </button>
        )}
        {canFinish(sketch) && (
          <button type="button" className="tool main" onClick={pen.finish}>
            {t('finish')}
          </button>
        )}
        {sketch.places.length > 0 && (
          <button type="button" className="tool" onClick={pen.clear}>
            {t('clear')}
          </button>
        )}
      </div>
    </div>
  )
}
