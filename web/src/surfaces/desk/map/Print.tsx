/** The map on paper: title, scale, legend, north, date and who printed it; printed by the browser. */
import type { StyleSpecification } from 'maplibre-gl'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { city } from '../../../app/city'
import { named, pick } from '../../../app/language'
import { whole } from '../../../app/numbers'
import { longTime } from '../../../app/time'
import type { View } from '../../../map/blank'
import type { Bounds } from '../../../map/CityMap'
import { metresPerPixel, zoomOf } from '../../../map/geodesy'
import type { Canvas, Hands } from './canvas'
import { Legend } from './LayerTree'
import type { MapLayer } from './layers'
import { MapCanvas } from './MapCanvas'
import { NotesLegend } from './NotesLegend'
import { type Note, within } from './notes'
import { barOf, PAPERS, type Paper, pixelOf, RATIOS, ratioOf, rounded } from './paper'
import { metres } from './units'
import { useT } from './words'

interface PrintProps {
  style: StyleSpecification
  view: View
  layers: readonly MapLayer[]
  notes: readonly Note[]
  /** The window of time of the cases, a note on the basemap and whose it is, where there are any. */
  facts: readonly string[]
  person: string
  legend: React.ReactNode
  onClose: () => void
}

export function Print({ style, view, layers, notes, facts, person, legend, onClose }: PrintProps) {
  const t = useT()
  const [paper, setPaper] = useState<Paper>('a4')
  const [wide, setWide] = useState(true)
  const [ratio, setRatio] = useState<number | null>(null)
  const [title, setTitle] = useState(() =>
    t('print_title', { city: pick(city().nameZh, city().nameEn) }),
  )
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const { long, short } = PAPERS[paper]
  const [width, height] = wide ? [long, short] : [short, long]
  const at = useMemo(
    () => ({ ...view, zoom: ratio ? zoomOf(view.lat, pixelOf(ratio)) : view.zoom }),
    [view, ratio],
  )
  usePaper(width, height)
  const [picture, setPicture] = useState('')
  const canvas = useRef<Canvas | null>(null)
  // What the sheet shows: the whole world is never smaller than its sheet.
  const [shown, setShown] = useState(at)
  const [bounds, setBounds] = useState<Bounds | null>(null)
  const hands = useRef<Hands>({})
  hands.current = {
    idle: () => {
      const { current } = canvas
      if (!current) return
      setPicture(current.picture())
      const seen = current.seen()
      setShown(seen.view)
      setBounds(seen.bounds)
    },
  }
  const ready = useCallback((next: Canvas | null) => {
    canvas.current = next
  }, [])
  const size = `${paper} ${wide}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: another size, another picture
  useEffect(() => {
    setPicture('')
    canvas.current?.map.resize()
    canvas.current?.look(at)
  }, [size, at])
  const metre = metresPerPixel(shown.lat, shown.zoom)
  const bar = barOf(metre, 160)
  return (
    <dialog ref={dialog} className="map-print" aria-label={t('print')} onClose={onClose}>
      <form
        method="dialog"
        className="map-print-form"
        onSubmit={(event) => {
          event.preventDefault()
          window.print()
        }}
      >
        <label>
          {t('print_heading')}
          <input
            className="map-input"
            value={title}
            maxLength={80}
            onChange={(event) => setTitle(event.target.value)}
          />
        </label>
        <label>
          {t('paper')}
          <select
            value={paper}
            onChange={(event) => setPaper(event.target.value === 'a3' ? 'a3' : 'a4')}
          >
            {Object.entries(PAPERS).map(([key, { name }]) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('turned')}
          <select
            value={wide ? 'wide' : 'tall'}
            onChange={(event) => setWide(event.target.value === 'wide')}
          >
            <option value="wide">{t('paper_wide')}</option>
            <option value="tall">{t('paper_tall')}</option>
          </select>
        </label>
        <label>
          {t('ratio')}
          <select
            value={ratio ?? ''}
            onChange={(event) => setRatio(Number(event.target.value) || null)}
          >
            <option value="">{t('ratio_view')}</option>
            {RATIOS.map((each) => (
              <option key={each} value={each}>
                1 : {whole(each)}
              </option>
            ))}
          </select>
        </label>
        <span className="room" />
        <button type="submit" className="tool main" disabled={!picture}>
          {picture ? t('print') : t('print_drawing')}
        </button>
        <button type="button" className="tool" onClick={() => dialog.current?.close()}>
          {t('close')}
        </button>
      </form>
      <div className="map-print-room">
        <article className="paper map-sheet" style={{ width: `${width}mm`, height: `${height}mm` }}>
          <h1>{title}</h1>
          <div className="map-sheet-map">
            <MapCanvas
              label={t('map_label')}
              className="map-canvas"
              style={style}
              at={at}
              hands={hands}
              onReady={ready}
              paper
            >
              <p className="empty">{t('no_webgl')}</p>
            </MapCanvas>
            {picture && <img src={picture} alt="" />}
            <svg className="map-north" viewBox="0 0 24 36" role="img" aria-label={t('north')}>
              <path d="M12 10 20 34 12 28 4 34Z" fill="currentColor" />
              <text x="12" y="8" textAnchor="middle" fontSize="9" fill="currentColor">
                N
              </text>
            </svg>
          </div>
          <footer>
            <div className="map-sheet-scale">
              <span className="num">1 : {whole(rounded(ratioOf(metre)))}</span>
              <span className="map-scale-bar" style={{ width: `${bar.pixels}px` }} />
              <span className="num">{metres(bar.metres)}</span>
            </div>
            <div className="map-sheet-legend">
              {layers.map((layer) => (
                <section key={layer.code}>
                  <h2>{named(layer)}</h2>
                  <Legend layer={layer} zoom={at.zoom} />
                </section>
              ))}
              {bounds && <NotesLegend notes={within(notes, bounds)} />}
              {legend}
            </div>
            <p>
              {[...facts, t('print_by', { person }), longTime(Date.now())].map((fact) => (
                <span key={fact}>{fact}</span>
              ))}
            </p>
          </footer>
        </article>
      </div>
    </dialog>
  )
}

/** The page's size for the printer: only this knows it, so it is written while this is open. */
function usePaper(width: number, height: number) {
  useEffect(() => {
    const sheet = document.createElement('style')
    sheet.textContent = `@page { size: ${width}mm ${height}mm; margin: 0 }`
    document.head.append(sheet)
    document.documentElement.dataset.paper = 'map'
    return () => {
      sheet.remove()
      delete document.documentElement.dataset.paper
    }
  }, [width, height])
}
