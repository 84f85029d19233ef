/** A place: an address to search for, and a pin on the map; each helps to find the other. */
import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Button } from 'antd'
import { useEffect, useId, useState } from 'react'
import { api, take } from '../../../api/client'
import { named } from '../../../app/language'
import type { Place } from '../../../map/CityMap'
import { LaterMap } from '../../../map/LaterMap'
import { useTheme } from '../../../ui/Switches'
import { around } from './Facts'
import { useT } from './words'

interface PlaceFieldProps {
  address: string
  place: Place | null
  onAddress: (address: string) => void
  onPlace: (place: Place) => void
  needed?: boolean
  mapClass?: string
}

/** What was typed, half a second after the last key. */
export function useSettled<T>(value: T, milliseconds = 300): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

export function PlaceField(props: PlaceFieldProps) {
  const { address, place, onAddress, onPlace, needed, mapClass = 'case-map' } = props
  const t = useT()
  const theme = useTheme()
  const id = useId()
  const [typed, setTyped] = useState('')
  const wanted = useSettled(typed.trim())
  const { data: found } = useQuery({
    queryKey: ['addresses', wanted],
    queryFn: ({ signal }) =>
      take(api.GET('/api/addresses', { params: { query: { q: wanted, limit: 8 } }, signal })),
    enabled: wanted.length >= 2,
    staleTime: 60_000,
    placeholderData: (before) => before,
  })
  const [lon, lat] = place ?? []
  const { data: ground } = useQuery({
    queryKey: ['places', lon, lat],
    queryFn: ({ signal }) => {
      const query = { lon: lon ?? 0, lat: lat ?? 0 }
      return take(api.GET('/api/places', { params: { query }, signal }))
    },
    enabled: place !== null,
    staleTime: 60_000,
  })
  const near = ground?.nearest_address?.full_text
  return (
    <div className="case-field" data-field="address">
      <label htmlFor={id}>
        {t('f_address')}
        {needed && ' *'}
      </label>
      <AutoComplete
        id={id}
        value={address}
        placeholder={t('l_find')}
        options={
          typed && found
            ? found.map((each) => ({ value: each.full_text, place: [each.lon, each.lat] }))
            : []
        }
        onChange={(text: string) => {
          setTyped(text)
          onAddress(text)
        }}
        onSelect={(text: string) => {
          const chosen = found?.find((each) => each.full_text === text)
          if (chosen) onPlace([chosen.lon, chosen.lat])
          setTyped('')
        }}
      />
      <LaterMap
        label={t('l_map')}
        className={mapClass}
        theme={theme}
        layers={['unit_grids', 'components']}
        pin={place}
        view={place && around(place[0], place[1])}
        onPin={([x, y]) => onPlace([Number(x.toFixed(7)), Number(y.toFixed(7))])}
      >
        <p>{t('l_no_map')}</p>
      </LaterMap>
      <p className="soft" aria-live="polite">
        {!place && t('l_no_pin')}
        {place && ground && !ground.inside && t('l_outside')}
        {ground?.inside &&
          ground.areas
            .slice(1)
            .map((area) => named(area))
            .join(' · ')}
        {near && near !== address && (
          <>
            {' '}
            {t('l_near', { address: near })}
            <Button type="link" size="small" onClick={() => onAddress(near)}>
              {t('l_take')}
            </Button>
          </>
        )}
      </p>
    </div>
  )
}
