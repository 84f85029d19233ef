/** The command screen: the map under everything, panels at its edges, the city in live numbers. */
import { useCallback, useEffect, useState } from 'react'
import { said } from '../../api/problem'
import { goSignIn, type Me, whoAmI } from '../../api/session'
import { city } from '../../app/city'
import { named, pick } from '../../app/language'
import { share } from '../../app/numbers'
import type { Picked } from '../../map/CityMap'
import { LaterMap } from '../../map/LaterMap'
import { later, useAhead } from '../../ui/later'
import { LanguageSwitch } from '../../ui/Switches'
import { useData } from '../../ui/useData'
import { Header } from './Header'
import {
  ClassesPanel,
  DayPanel,
  Figures,
  IntakePanel,
  LatePanel,
  MapLegend,
  NewestPanel,
  RatesPanel,
} from './panels'
import { type Rotation, rotates, useRotation } from './rotation'
import { type CityNow, useCity } from './useCity'
import { useT } from './words'

const CaseCard = later(async () => (await import('./CaseCard')).CaseCard)
const InventoryPanel = later(async () => (await import('./InventoryPanel')).InventoryPanel)
const AHEAD = [CaseCard.ahead]

export function Screen() {
  const t = useT()
  const who = useData('me', whoAmI)
  useEffect(() => {
    if (who.data === null) goSignIn()
  }, [who.data])
  if (who.data) return <Wall me={who.data} />
  return (
    <main className="waiting">
      {who.error ? (
        <>
          <p role="alert">{said(who.error)}</p>
          <button type="button" className="button" onClick={who.again}>
            {t('try_again')}
          </button>
        </>
      ) : (
        <p role="status">{t('loading')}</p>
      )}
    </main>
  )
}

function Wall({ me }: { me: Me }) {
  const t = useT()
  const now = useCity()
  useAhead(AHEAD)
  const { overview } = now
  const rotation = useRotation(overview?.districts, rotates(location.search))
  const [picked, setPicked] = useState<number | null>(null)
  const wide = useWide()
  const close = useCallback(() => setPicked(null), [])
  useKeys(rotation.toggle, close)
  return (
    <div className="screen">
      <Header now={now} me={me} />
      <main>
        <Ground now={now} rotation={rotation} onPick={setPicked} />
        {!overview && (
          <p className="waiting" role="status">
            {now.error ? said(now.error) : t('loading')}
          </p>
        )}
        {overview && (
          <>
            <div className="column left">
              <Figures data={overview} change={now.change} />
              <IntakePanel intake={now.intake} />
              <ClassesPanel data={overview} change={now.change} />
            </div>
            {wide && (
              <div className="column left second">
                <LatePanel data={overview} />
              </div>
            )}
            {wide && (
              <div className="column right second">
                <InventoryPanel />
              </div>
            )}
            <div className="column right">
              <NewestPanel happenings={now.happenings} onPick={setPicked} />
              <RatesPanel data={overview} focus={rotation.focus.code} onLook={rotation.look} />
            </div>
            <DayPanel data={overview} />
            <MapLegend />
          </>
        )}
        <Bar now={now} rotation={rotation} />
        {picked !== null && <CaseCard key={picked} id={picked} onClose={close} />}
      </main>
    </div>
  )
}

interface GroundProps {
  now: CityNow
  rotation: Rotation
  onPick: (id: number) => void
}

const LAYERS = ['cases'] as const

function Ground({ now, rotation, onPick }: GroundProps) {
  const t = useT()
  const { hold, focus } = rotation
  const pick = useCallback(
    (picked: Picked) => {
      const id = Number(picked.properties.id)
      if (Number.isInteger(id)) onPick(id)
    },
    [onPick],
  )
  return (
    <div className="ground-map" onPointerDown={hold} onWheel={hold}>
      <LaterMap
        className="map"
        label={t('map')}
        theme="dark"
        layers={LAYERS}
        cases="open=true"
        version={now.mapVersion}
        view={focus.view}
        padding={padding()}
        onPick={pick}
        controls={false}
        pictures={false}
      >
        <p className="waiting">{t('no_webgl')}</p>
      </LaterMap>
    </div>
  )
}

/** The free area between the panels, in pixels; the panels are measured in `rem`. */
function padding() {
  const em = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
  const side = (window.innerWidth / window.innerHeight >= 3 ? 64 : 27) * em
  return { left: side, right: side, top: 5 * em, bottom: 13 * em }
}

/** Where the wall looks, with the switches of the wall. */
function Bar({ now, rotation }: { now: CityNow; rotation: Rotation }) {
  const t = useT()
  const { focus, turning, toggle, look } = rotation
  const district = now.overview?.districts.find((each) => each.code === focus.code)
  return (
    <div className="bar">
      <p className="focus" aria-live="polite">
        <b>{district ? named(district) : pick(city().nameZh, city().nameEn)}</b>
        {district && (
          <span className="num">
            {t('district_line', {
              open: district.open,
              overdue: district.overdue,
              share: share(district.on_time_rate),
              closed: district.closed_week,
            })}
          </span>
        )}
      </p>
      <p className="switches">
        {focus.code !== null && (
          <button type="button" className="button plain" onClick={() => look(null)}>
            {t('whole_city')}
          </button>
        )}
        <button type="button" className="button plain" aria-pressed={turning} onClick={toggle}>
          {turning ? t('pause') : t('turn')}
        </button>
        <button type="button" className="button plain" onClick={fullScreen}>
          {t('full_screen')}
        </button>
        <LanguageSwitch />
      </p>
    </div>
  )
}

function fullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  // A browser may refuse it (no gesture, a policy): then the page stays as it is.
  else document.documentElement.requestFullscreen().catch(() => undefined)
}

function useKeys(toggle: () => void, close: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const onButton = event.target instanceof HTMLButtonElement
      if (event.key === 'f' || event.key === 'F') fullScreen()
      else if (event.key === 'Escape') close()
      else if (event.key === ' ' && !onButton) {
        event.preventDefault()
        toggle()
      }
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [toggle, close])
}

const WIDE = '(min-aspect-ratio: 3/1)'

function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches)
  useEffect(() => {
    const query = matchMedia(WIDE)
    const change = () => setWide(query.matches)
    query.addEventListener('change', change)
    return () => query.removeEventListener('change', change)
  }, [])
  return wide
}
