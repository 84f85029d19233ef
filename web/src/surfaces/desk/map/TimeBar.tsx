/** The window of time of the cases: moved by hand, or played day by day, week by week. */
import { useEffect, useRef } from 'react'
import { today } from '../../../app/days'
import { between, ending, lengthOf, plus, stepped, type Window } from './slider'
import { useT } from './words'

/** So far back the slider reaches. */
const DAYS = 365
const BEAT_MS = 1_500
const LENGTHS = [1, 7, 30, 90] as const

interface TimeBarProps {
  window: Window
  step: number
  playing: boolean
  part: string
  /** Whether the tiles of the last step are there. */
  drawn: () => boolean
  onWindow: (window: Window) => void
  onStep: (step: number) => void
  onPlay: (playing: boolean) => void
  onPart: (part: 'open' | 'closed' | 'all') => void
  onClose: () => void
}

export function TimeBar(props: TimeBarProps) {
  const { window: shown, step, playing, part, onWindow, onStep, onPlay, onPart, onClose } = props
  const t = useT()
  const last = today()
  const first = plus(last, 1 - DAYS)
  const length = lengthOf(shown)
  const latest = useRef(props)
  latest.current = props
  useEffect(() => {
    if (!playing) return
    const timer = setInterval(() => {
      const { window: now, step, drawn, onWindow } = latest.current
      if (drawn()) onWindow(stepped(now, step, first, last))
    }, BEAT_MS)
    return () => clearInterval(timer)
  }, [playing, first, last])
  const written = shown.from === shown.until ? shown.from : `${shown.from} – ${shown.until}`
  return (
    <section className="map-time" aria-label={t('time')}>
      <button
        type="button"
        className="tool"
        aria-pressed={playing}
        onClick={() => onPlay(!playing)}
      >
        {playing ? t('pause') : t('play')}
      </button>
      <button
        type="button"
        className="tool"
        aria-label={t('step_back')}
        title={t('step_back')}
        onClick={() => onWindow(stepped(shown, -step, first, last))}
      >
        <span aria-hidden="true">‹</span>
      </button>
      <input
        type="range"
        min={length - 1}
        max={DAYS - 1}
        value={Math.max(length - 1, Math.min(DAYS - 1, between(first, shown.until)))}
        aria-label={t('time_window')}
        aria-valuetext={written}
        onChange={(event) => onWindow(ending(plus(first, Number(event.target.value)), length))}
      />
      <button
        type="button"
        className="tool"
        aria-label={t('step_on')}
        title={t('step_on')}
        onClick={() => onWindow(stepped(shown, step, first, last))}
      >
        <span aria-hidden="true">›</span>
      </button>
      <output className="num" aria-live={playing ? 'off' : 'polite'}>
        {written}
      </output>
      <label>
        {t('window_length')}
        <select
          value={length}
          onChange={(event) => onWindow(ending(shown.until, Number(event.target.value)))}
        >
          {[...new Set([...LENGTHS, length])]
            .sort((a, b) => a - b)
            .map((days) => (
              <option key={days} value={days}>
                {t('days', { count: days })}
              </option>
            ))}
        </select>
      </label>
      <label>
        {t('step')}
        <select value={step} onChange={(event) => onStep(Number(event.target.value))}>
          <option value={1}>{t('step_day')}</option>
          <option value={7}>{t('step_week')}</option>
        </select>
      </label>
      <label>
        {t('part')}
        <select
          value={part}
          onChange={({ target: { value } }) =>
            onPart(value === 'open' || value === 'closed' ? value : 'all')
          }
        >
          <option value="all">{t('part_all')}</option>
          <option value="open">{t('part_open')}</option>
          <option value="closed">{t('part_closed')}</option>
        </select>
      </label>
      <button
        type="button"
        className="map-x"
        aria-label={t('time_off')}
        title={t('time_off')}
        onClick={onClose}
      >
        ×
      </button>
    </section>
  )
}
