/** The map, over the page and only when asked for: it is most of the bytes. */
import type { Map as MapLibre } from 'maplibre-gl'
import { useRef, useState } from 'react'
import { pick } from '../../../app/language'
import { type Bounds, CityMap, canDraw, type Place } from '../../../map/CityMap'
import { useTheme } from '../../../ui/Switches'
import type { FoundPlace } from '../answers'
import type { Spot } from '../draft'
import { Sheet } from '../Sheet'
import { useT } from '../words'
import { PlaceSearch } from './PlaceSearch'
import { NoPosition, ownPosition } from './position'
import { areaWords, usePlace } from './usePlace'

/** About 300 m around a point: the streets nearby are readable. */
const AROUND = 0.003
/** Farther out a finger covers a whole neighbourhood: the map goes there to let it be corrected. */
const EXACT_ZOOM = 14

interface PlaceSheetProps {
  spot: Spot | null
  onClose: () => void
  onChoose: (spot: Spot) => void
}

function around({ lon, lat }: Spot): Bounds {
  return [lon - AROUND, lat - AROUND, lon + AROUND, lat + AROUND]
}

export default function PlaceSheet({ spot, onClose, onChoose }: PlaceSheetProps) {
  const t = useT()
  const theme = useTheme()
  const map = useRef<MapLibre | null>(null)
  const [mark, setMark] = useState(spot)
  const [view, setView] = useState<Bounds | null>(spot ? around(spot) : null)
  const [said, setSaid] = useState('')
  const place = usePlace(mark)
  const outside = place.data?.inside === false

  /** There and there again: who has moved the map since is taken back too. */
  function look(bounds: Bounds) {
    if (map.current) map.current.fitBounds(bounds, { padding: 24 })
    else setView(bounds)
  }

  function centre(): Place | null {
    const found = map.current?.getCenter()
    return found ? [found.lng, found.lat] : null
  }

  function put([lon, lat]: Place, near = false) {
    const marked: Spot = { lon, lat, system: 'cgcs2000', source: 'map', accuracy: null }
    setSaid('')
    setMark(marked)
    if (near || (map.current?.getZoom() ?? EXACT_ZOOM) < EXACT_ZOOM) look(around(marked))
  }

  /** An address is a point to mark; of an area nobody knows yet where in it. */
  function show({ kind, lon, lat, bounds, title_zh, title_en }: FoundPlace) {
    if (lon === null || lat === null) return
    if (kind === 'address') {
      put([lon, lat], true)
      return
    }
    const [west = lon, south = lat, east = lon, north = lat] = bounds ?? []
    look([west, south, east, north])
    setSaid(t('find_area', { name: pick(title_zh, title_en) }))
  }

  async function here() {
    try {
      const found = await ownPosition()
      setSaid('')
      setMark(found)
      look(around(found))
    } catch (error) {
      const denied = error instanceof NoPosition && error.denied
      setSaid(denied ? t('where_denied') : t('where_unknown'))
    }
  }

  let words = canDraw() ? t('map_hint') : ''
  if (place.loading) words = t('where_reading')
  if (place.data) words = outside ? t('where_outside') : areaWords(place.data)
  if (place.error !== undefined) words = t('where_unread')

  return (
    <Sheet
      title={t('map_title')}
      onClose={onClose}
      tall
      foot={
        <>
          <p role="status" className={outside ? 'problem' : undefined}>
            {said || words}
          </p>
          <div className="row">
            {canDraw() && (
              <button
                type="button"
                className="button grow"
                onClick={() => {
                  const middle = centre()
                  if (middle) put(middle)
                }}
              >
                {t('map_centre')}
              </button>
            )}
            <button type="button" className="button grow" onClick={() => void here()}>
              {t('where_here')}
            </button>
          </div>
          <button
            type="button"
            className="button main"
            disabled={!mark || outside}
            onClick={() => mark && onChoose(mark)}
          >
            {mark ? t('map_use') : t('map_none')}
          </button>
        </>
      }
    >
      <PlaceSearch near={centre} onFound={show} />
      <CityMap
        className="pin-map"
        label={t('map_label')}
        theme={theme}
        pin={mark ? [mark.lon, mark.lat] : null}
        onPin={put}
        view={view}
        onReady={(made) => {
          map.current = made
        }}
      >
        <p className="empty">{t('map_missing')}</p>
      </CityMap>
    </Sheet>
  )
}
