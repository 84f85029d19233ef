/** The map, over the page and only when asked for: it is most of the bytes. */
import type { Map as MapLibre } from 'maplibre-gl'
import { useRef, useState } from 'react'
import { type Bounds, CityMap, canDraw, type Place } from '../../../map/CityMap'
import { useTheme } from '../../../ui/Switches'
import type { Spot } from '../draft'
import { Sheet } from '../Sheet'
import { useT } from '../words'
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
  const [trouble, setTrouble] = useState('')
  const place = usePlace(mark)
  const outside = place.data?.inside === false

  function put([lon, lat]: Place) {
    const marked: Spot = { lon, lat, system: 'cgcs2000', source: 'map', accuracy: null }
    setTrouble('')
    setMark(marked)
    if ((map.current?.getZoom() ?? EXACT_ZOOM) < EXACT_ZOOM) setView(around(marked))
  }

  async function here() {
    try {
      const found = await ownPosition()
      setTrouble('')
      setMark(found)
      setView(around(found))
    } catch (error) {
      const denied = error instanceof NoPosition && error.denied
      setTrouble(denied ? t('where_denied') : t('where_unknown'))
    }
  }

  let words = t('map_hint')
  if (place.loading) words = t('where_reading')
  if (place.data) words = outside ? t('where_outside') : areaWords(place.data)
  if (place.error !== undefined) words = t('where_unread')

  return (
    <Sheet
      title={t('map_title')}
      onClose={onClose}
      tall
      foot={
        canDraw() && (
          <>
            <p role="status" className={outside ? 'problem' : undefined}>
              {trouble || words}
            </p>
            <div className="row">
              <button
                type="button"
                className="button grow"
                onClick={() => {
                  const centre = map.current?.getCenter()
                  if (centre) put([centre.lng, centre.lat])
                }}
              >
                {t('map_centre')}
              </button>
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
        )
      }
    >
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
