/** What the server wrote on the page about its city: name, zone and extent. */

export interface City {
  nameZh: string
  nameEn: string
  zone: string
  /** west, south, east, north in degrees (CGCS2000); null before a city was loaded. */
  bounds: [number, number, number, number] | null
  /** Days a reporter's contact is kept after its case has closed; null where nobody said. */
  contactDays: number | null
}

function read(): City {
  const data = document.documentElement.dataset
  const numbers = (data.bounds ?? '').split(',').map(Number)
  const [west, south, east, north] = numbers
  const whole = numbers.length === 4 && numbers.every(Number.isFinite)
  return {
    nameZh: data.cityZh ?? '',
    nameEn: data.cityEn ?? '',
    zone: data.zone ?? 'Asia/Shanghai',
    contactDays: Number(data.contactDays) || null,
    bounds: whole ? [west ?? 0, south ?? 0, east ?? 0, north ?? 0] : null,
  }
}

let known: City | undefined

export function city(): City {
  known ??= read()
  return known
}
