/** The one map (一张图): every layer, what lies where, measuring, selecting, time, paper. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { city } from '../../../app/city'
import { today } from '../../../app/days'
import { type Bounds, canDraw, type Place } from '../../../map/CityMap'
import type { Datum } from '../../../map/shift'
import { useKeys } from '../keys'
import { CaseFilters } from './CaseFilters'
import { Curtain } from './Compare'
import type { Canvas, Hands, Seen } from './canvas'
import { CELLS_AT_FIRST, DensityLegend } from './Density'
import type { Found } from './data'
import { FindBox } from './FindBox'
import { type Thing, thingsOf } from './hits'
import { LayerTree } from './LayerTree'
import { MapCanvas } from './MapCanvas'
import { type NoteKind, noteFeatures, useNotes } from './notes'
import { Print } from './Print'
import { Inside } from './Select'
import {
  caseQuery,
  casesOf,
  type MapSearch,
  placeOf,
  TOOLS,
  type Tool,
  viewOf,
  writeCodes,
  writePlace,
  writeRing,
  writeView,
} from './search'
import { useSelection } from './selection'
import { featuresOf, geometryOf, outlineOf, type Sketch } from './sketch'
import { ending, previous } from './slider'
import { TimeBar } from './TimeBar'
import { ToolPanel } from './ToolPanel'
import { ToolRail } from './ToolRail'
import { useMarks } from './useMarks'
import { useLayers, useScene } from './useScene'
import { useSketch } from './useSketch'
import { useVersion } from './useVersion'
import { useT } from './words'
import './map.css'
import './print.css'
import './time.css'
import './tools.css'
// Last: what is narrow overrules what is wide.
import './phone.css'

const DRAWS: readonly Tool[] = ['measure', 'draw', 'select']
/** A place somewhere, until a city was loaded. */
const ANYWHERE = { lon: 120.38, lat: 36.07, zoom: 9 }
const WEEK = 7

export default function MapPage() {
  const t = useT()
  const me = useMe()
  const search = useSearch({ from: '/map' })
  const navigate = useNavigate({ from: '/map' })
  const change = useCallback(
    (part: Partial<MapSearch>, replace = true) =>
      void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  )
  const tool: Tool = search.tool ?? 'identify'
  const person = me?.user.display_name || me?.user.username || ''
  const canvas = useRef<Canvas | null>(null)
  const [ready, setReady] = useState<Canvas | null>(null)
  const onReady = useCallback((next: Canvas | null) => {
    canvas.current = next
    setReady(next)
  }, [])
  const [start] = useState(() => viewOf(search.at) ?? city().bounds ?? ANYWHERE)
  const [seen, setSeen] = useState<Seen | null>(null)
  const view = seen?.view ?? viewOf(search.at) ?? { ...ANYWHERE, ...middleOf(start) }

  const known = useLayers(search)
  const { tree, left, right, base } = known
  const version = useVersion(left.includes('cases'))
  const notes = useNotes(me?.user.username ?? '')
  const [noteKind, setNoteKind] = useState<NoteKind>('point')
  const point = placeOf(search.point)
  const { selection, area, bounds, drawn: selected } = useSelection(search)

  const pen = useSketch(
    () => canvas.current && [view.lon, view.lat],
    (sketch) => settle(sketch),
  )
  function settle(sketch: Sketch): boolean {
    const outline = outlineOf(sketch)
    if (tool === 'select' && outline) change({ within: writeRing(outline), ground: undefined })
    const geometry = tool === 'draw' ? geometryOf(sketch) : null
    if (geometry) {
      const id = `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`
      notes.change((before) => [...before, { id, kind: noteKind, text: '', geometry }])
    }
    canvas.current?.hover([])
    return tool !== 'measure'
  }
  const { begin } = pen
  useEffect(() => {
    if (tool === 'measure') begin('line')
    if (tool === 'select') begin('polygon')
    if (tool === 'draw') begin('point')
    if (tool === 'draw') setNoteKind('point')
  }, [tool, begin])

  const shade = search.shade ?? 'n'
  const { nearest, density, marks } = useMarks(search, caseQuery(search).toString())
  const sketched = useMemo(
    () => (DRAWS.includes(tool) ? featuresOf(pen.sketch) : []),
    [tool, pen.sketch],
  )
  const marked = useMemo(
    () => ({
      ring: selected,
      notes: noteFeatures(notes.notes),
      sketch: sketched,
      marks,
      density: density.features,
    }),
    [selected, notes.notes, sketched, marks, density.features],
  )
  const { style, otherStyle, paperStyle, asked, drawn } = useScene(search, known, marked, version)

  const [things, setThings] = useState<Thing[]>([])
  const wanted = useRef('')
  const look = useCallback(() => {
    const place = placeOf(search.point)
    const on = canvas.current
    if (!place || !on) return
    setThings(
      thingsOf(
        on.under(place, asked.keys()),
        drawn.map(({ layer }) => layer),
        asked,
      ),
    )
  }, [search.point, asked, drawn])
  useEffect(() => {
    // Answered now, and again when everything that is to be drawn there is there.
    wanted.current = search.point ?? ''
    if (search.point) look()
    else setThings([])
  }, [search.point, look])

  const hands = useRef<Hands>({})
  hands.current = {
    click: (place) => {
      if (DRAWS.includes(tool)) pen.add(place)
      else if (tool !== 'print') {
        change({ point: writePlace(place) }, false)
        canvas.current?.reveal(place)
      }
    },
    undo: () => pen.undo(),
    hover: (place) => {
      const { sketch } = pen
      if (!DRAWS.includes(tool) || sketch.done || sketch.places.length === 0) return
      const geometry = geometryOf({ ...sketch, places: [...sketch.places, place] })
      canvas.current?.hover(geometry ? [{ type: 'Feature', geometry, properties: {} }] : [])
    },
    move: (next) => {
      setSeen(next)
      written.current = writeView(next.view)
      change({ at: written.current })
    },
    idle: () => {
      if (wanted.current) look()
      wanted.current = ''
    },
    ...(DRAWS.includes(tool) ? { double: () => pen.finish() } : {}),
  }
  useEffect(() => {
    if (ready) setSeen(ready.seen())
  }, [ready])
  useEffect(() => {
    ready?.cursor(DRAWS.includes(tool) ? 'crosshair' : tool === 'nearest' ? 'crosshair' : '')
  }, [ready, tool])
  // An address that the map itself has not written: somebody went back, or followed a link.
  const written = useRef(search.at)
  useEffect(() => {
    const view = viewOf(search.at)
    if (view && search.at !== written.current) ready?.look(view)
    written.current = search.at
  }, [search.at, ready])

  // Whoever selects an area wants to see it; a link that says where to look is followed.
  const looked = useRef(search.at ? search.ground : undefined)
  useEffect(() => {
    const { ground } = search
    if (ground === looked.current || (ground && !(ready && bounds))) return
    looked.current = ground
    if (bounds) ready?.fit(bounds)
  }, [search, bounds, ready])

  const show = useCallback((place: Place, zoom = 17) => {
    canvas.current?.fly(place, Math.max(zoom, canvas.current.seen().view.zoom))
  }, [])
  function found(place: Found) {
    if (place.lon === null || place.lat === null) return
    const there: Place = [place.lon, place.lat]
    if (place.bounds) canvas.current?.fit(place.bounds)
    else show(there)
    change({ point: writePlace(there), tool: undefined }, false)
  }

  const choose = useCallback(
    (next: Tool) => {
      const window = casesOf(search)
      const part: Partial<MapSearch> = { tool: next === 'identify' ? undefined : next }
      if (next === 'density') part.cells = search.cells ?? CELLS_AT_FIRST
      else if (next !== 'print') part.cells = undefined
      // Two sides that are the same would compare nothing.
      if (next === 'compare' && window.from && window.until && !search.from2) {
        const before = previous({ from: window.from, until: window.until })
        part.from2 = before.from
        part.until2 = before.until
      }
      change(part, false)
    },
    [change, search],
  )
  useKeys({
    leave: () => {
      if (pen.sketch.places.length) pen.clear()
      else if (tool !== 'identify') choose('identify')
      else change({ point: undefined })
      canvas.current?.hover([])
    },
    tools: (_, index) => {
      const each = TOOLS[index]
      if (each) choose(each)
    },
  })

  const timed = search.from !== undefined && search.until !== undefined
  const [playing, setPlaying] = useState(false)
  const [aside, setAside] = useState(() => matchMedia('(min-width: 901px)').matches)
  const own = tree.flatMap((folder) => folder.layers)
  const period = timed ? `${search.from} – ${search.until}` : t('all_time')
  const shifted = base ? shiftOf(t, base.datum) : ''
  const panel = tool !== 'print' && (tool !== 'identify' || point !== null)
  const inside = selection !== null && (tool === 'select' || tool === 'identify')
  return (
    <main
      className={`map-page${inside ? ' with-inside' : ''}${panel ? ' with-panel' : ''}`}
      aria-labelledby="map-title"
    >
      <h1 id="map-title" className="only-read">
        {t('title')}
      </h1>
      <div className={`map-aside${aside ? ' open' : ''}`}>
        <FindBox near={() => canvas.current && [view.lon, view.lat]} onFound={found} />
        <button
          type="button"
          className="tool map-aside-button"
          aria-expanded={aside}
          onClick={() => setAside(!aside)}
        >
          {t('layers')}
        </button>
        {aside && (
          <div className="map-aside-body">
            {known.error && <p className="map-problem">{said(known.error)}</p>}
            <LayerTree
              tree={tree}
              choice={known.choice}
              on={left}
              zoom={view.zoom}
              timed={timed}
              onSwitch={(code, on) => change({ on: switched(left, code, on) }, false)}
            />
            <CaseFilters search={search} onChange={change} />
            {base?.attribution && <p className="soft">{base.attribution}</p>}
          </div>
        )}
      </div>
      <div className="map-room">
        <MapCanvas
          label={t('map_label')}
          className="map-canvas"
          style={style}
          at={start}
          hands={hands}
          onReady={onReady}
        >
          <p className="empty">{t('no_webgl')}</p>
        </MapCanvas>
        {ready && otherStyle && <Curtain below={ready} style={otherStyle} at={view} />}
        {shifted && <p className="map-base-note">{shifted}</p>}
        {DRAWS.includes(tool) && canDraw() && <span className="map-cross" aria-hidden="true" />}
        {timed && (
          <TimeBar
            window={{ from: search.from ?? '', until: search.until ?? '' }}
            step={search.step ? WEEK : 1}
            playing={playing}
            part={search.part ?? 'open'}
            drawn={() => canvas.current?.map.areTilesLoaded() ?? true}
            onWindow={({ from, until }) => change({ from, until })}
            onStep={(step) => change({ step: step === WEEK ? '7' : undefined })}
            onPlay={setPlaying}
            onPart={(part) => change({ part: part === 'open' ? undefined : part })}
            onClose={() => {
              setPlaying(false)
              change({ from: undefined, until: undefined, step: undefined, part: undefined })
            }}
          />
        )}
      </div>
      {panel && (
        <ToolPanel
          tool={tool}
          search={search}
          pen={pen}
          point={point}
          selection={selection}
          area={area}
          things={things}
          notes={notes}
          noteKind={noteKind}
          nearest={nearest}
          density={density}
          tree={tree}
          right={right}
          period={period}
          onNoteKind={(kind) => {
            setNoteKind(kind)
            begin(kind === 'text' ? 'point' : kind)
          }}
          onChange={change}
          onShow={show}
          onCloser={() => point && show(point, view.zoom + 2)}
          onSwitch={(code, on) => change({ other: switched(right, code, on) })}
          onClose={() => (tool === 'identify' ? change({ point: undefined }) : choose('identify'))}
        />
      )}
      <ToolRail
        current={tool}
        time={timed}
        onTool={choose}
        onTime={(on) => {
          setPlaying(false)
          change(
            on
              ? { ...ending(today(), WEEK), part: search.part ?? 'all' }
              : { from: undefined, until: undefined, step: undefined, part: undefined },
          )
        }}
      />
      {inside && (
        <Inside
          selection={selection}
          cases={caseQuery(search, true)}
          onShow={show}
          onClose={() => change({ within: undefined, ground: undefined })}
        />
      )}
      {paperStyle && (
        <Print
          style={paperStyle}
          view={view}
          layers={own.filter((layer) => left.includes(layer.code))}
          notes={notes.notes}
          facts={[
            timed ? t('print_period', { period }) : '',
            shifted,
            base?.attribution ?? '',
          ].filter(Boolean)}
          person={person}
          legend={
            density.features.length > 0 && (
              <DensityLegend density={density} shade={shade} name={t(`shade_${shade}`)} />
            )
          }
          onClose={() => choose('identify')}
        />
      )}
    </main>
  )
}

function middleOf(start: Bounds | { lon: number; lat: number; zoom: number }) {
  if (!Array.isArray(start)) return start
  const [west, south, east, north] = start
  return { lon: (west + east) / 2, lat: (south + north) / 2 }
}

/** What to know of a basemap that was drawn somewhere else. */
function shiftOf(t: ReturnType<typeof useT>, datum: Datum): string {
  return datum === 'gcj02' || datum === 'bd09' ? t(`base_${datum}`) : ''
}

function switched(codes: readonly string[], code: string, on: boolean): string {
  return writeCodes(on ? [...codes, code] : codes.filter((each) => each !== code))
}
