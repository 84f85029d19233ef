/** Where it is: the photo's place, the device's, a mark on the map, or an address in words. */
import { useEffect, useState } from 'react'
import { later } from '../../../ui/later'
import type { Data } from '../../../ui/useData'
import { useAlbum } from '../album'
import type { Place } from '../answers'
import { change, type Spot, useDraft } from '../draft'
import { useT } from '../words'
import { NoPosition, ownPosition } from './position'
import { addressAt, areaWords, metresBetween } from './usePlace'

const PlaceSheet = later(async () => (await import('./PlaceSheet')).default)
/** A photo's place this far from the mark is worth offering. */
const ELSEWHERE_METRES = 50

interface WhereFieldProps {
  place: Data<Place>
  problem: string | undefined
}

export function WhereField({ place, problem }: WhereFieldProps) {
  const t = useT()
  const { spot, address, addressByHand } = useDraft()
  const [map, setMap] = useState(false)
  const [finding, setFinding] = useState(false)
  const [trouble, setTrouble] = useState('')
  const found = place.data?.inside ? addressAt(place.data) : null
  const proposed = found?.near ? t('address_near', { address: found.text }) : (found?.text ?? '')

  useEffect(() => {
    if (proposed && !addressByHand) change({ address: proposed })
  }, [proposed, addressByHand])

  async function here() {
    setFinding(true)
    setTrouble('')
    try {
      change({ spot: await ownPosition() })
    } catch (error) {
      const denied = error instanceof NoPosition && error.denied
      setTrouble(denied ? t('where_denied') : t('where_unknown'))
    }
    setFinding(false)
  }

  const outside = place.data && !place.data.inside ? t('where_outside') : ''
  const wrong = problem ?? outside
  return (
    <fieldset className="field where">
      <legend>{t('where')}</legend>
      <div className="row">
        <button
          type="button"
          className="button grow"
          disabled={finding}
          onClick={() => void here()}
        >
          {finding ? t('where_finding') : t('where_here')}
        </button>
        <button type="button" className="button grow" onClick={() => setMap(true)}>
          {t('where_map')}
        </button>
      </div>
      <div className="where-found" aria-live="polite">
        {trouble && <p className="soft">{trouble}</p>}
        {spot && <SpotWords spot={spot} place={place} />}
        <PhotoPlace spot={spot} />
      </div>
      <label className="label" htmlFor="report-address">
        {t('address')}
      </label>
      <input
        id="report-address"
        className="input"
        value={address}
        maxLength={500}
        autoComplete="off"
        placeholder={t('address_placeholder')}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? 'report-address-problem' : undefined}
        onChange={(event) => {
          const text = event.target.value
          change({ address: text, addressByHand: text.trim() !== '' })
        }}
      />
      {proposed && addressByHand && address !== proposed && (
        <button
          type="button"
          className="button plain link"
          onClick={() => change({ address: proposed, addressByHand: false })}
        >
          {t('address_use', { address: proposed })}
        </button>
      )}
      {wrong && (
        <p id="report-address-problem" className="problem" role="alert">
          {wrong}
        </p>
      )}
      {map && (
        <PlaceSheet
          spot={spot}
          onClose={() => setMap(false)}
          onChoose={(chosen) => {
            change({ spot: chosen })
            setMap(false)
          }}
        />
      )}
    </fieldset>
  )
}

/** The areas of the spot, and where it came from. */
function SpotWords({ spot, place }: { spot: Spot; place: Data<Place> }) {
  const t = useT()
  const origin = {
    photo: t('where_from_photo'),
    device: t('where_from_device', { metres: spot.accuracy ?? 0 }),
    map: t('where_from_map'),
  }[spot.source]
  return (
    <>
      {place.loading && <p className="soft">{t('where_reading')}</p>}
      {place.error !== undefined && <p className="soft">{t('where_unread')}</p>}
      {place.data?.inside && <p className="areas">{areaWords(place.data)}</p>}
      <p className="soft num">{origin}</p>
    </>
  )
}

/** Offers the place of a photo when the mark is somewhere else. */
function PhotoPlace({ spot }: { spot: Spot | null }) {
  const t = useT()
  const { photos } = useAlbum()
  const placed = photos.find((photo) => photo.place)?.place
  if (!spot || spot.source === 'photo' || !placed) return null
  const [lon, lat] = placed
  if (metresBetween(spot, { lon, lat }) < ELSEWHERE_METRES) return null
  return (
    <button
      type="button"
      className="button plain link"
      onClick={() =>
        change({ spot: { lon, lat, system: 'wgs84', source: 'photo', accuracy: null } })
      }
    >
      {t('where_photo_use')}
    </button>
  )
}
