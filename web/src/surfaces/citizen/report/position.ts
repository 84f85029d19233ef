/** Where this device is. */
import type { Spot } from '../draft'

/** Why there is no position: `denied` by the person (or a page without HTTPS), else `unknown`. */
export class NoPosition extends Error {
  readonly denied: boolean
  constructor(denied: boolean) {
    super(denied ? 'The position may not be read.' : 'The position is unknown.')
    this.denied = denied
  }
}

export function ownPosition(): Promise<Spot> {
  return new Promise((resolve, reject) => {
    if (!('geolocation' in navigator)) return reject(new NoPosition(false))
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          lon: coords.longitude,
          lat: coords.latitude,
          system: 'wgs84',
          source: 'device',
          accuracy: Math.round(coords.accuracy),
        }),
      (error) => reject(new NoPosition(error.code === error.PERMISSION_DENIED)),
      { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 },
    )
  })
}
