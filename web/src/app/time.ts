/** Times in the city's zone, whatever the browser's own is. */
import { useEffect, useState } from 'react'
import { city } from './city'
import { language, locale } from './language'

const formats = new Map<string, Intl.DateTimeFormat>()

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale() + JSON.stringify(options)
  let made = formats.get(key)
  if (!made) {
    made = new Intl.DateTimeFormat(locale(), { timeZone: city().zone, hour12: false, ...options })
    formats.set(key, made)
  }
  return made
}

type Moment = string | number | Date | null | undefined

function write(at: Moment, options: Intl.DateTimeFormatOptions): string {
  if (at === null || at === undefined || at === '') return '—'
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '—' : format(options).format(date)
}

/** 11-22 14:05, with the year when it is another one. */
export function shortTime(at: Moment, now = Date.now()): string {
  if (at === null || at === undefined || at === '') return '—'
  const { year, month, day, hour, minute } = clockParts(at)
  const start = year === clockParts(now).year ? '' : `${year}-`
  return `${start}${month}-${day} ${hour}:${minute}`
}

/** What fits a narrow column: 11-22 14:05, of another year the day alone. */
export function columnTime(at: Moment, now = Date.now()): string {
  const text = shortTime(at, now)
  return text.length > 11 ? text.slice(0, 10) : text
}

/** The parts of a moment on the city's clocks, two digits each (the year four). */
export function clockParts(at: string | number | Date) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: city().zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(new Date(at))
  const of = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((part) => part.type === type)?.value ?? ''
  return {
    year: of('year'),
    month: of('month'),
    day: of('day'),
    hour: of('hour'),
    minute: of('minute'),
    second: of('second'),
  }
}

export function longTime(at: Moment): string {
  return write(at, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
}

export function clockTime(at: Moment, seconds = false): string {
  return write(at, {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
  })
}

export function dayOf(at: Moment): string {
  return write(at, { month: 'long', day: 'numeric', weekday: 'short' })
}

/** Beside so many days nobody asks for hours. */
const MANY_DAYS = 100

/** A length of time in the two largest units that say something: 1 天 3 小时 / 1 d 3 h, 120 天 / 120 d. */
export function duration(milliseconds: number): string {
  const minutes = Math.floor(Math.abs(milliseconds) / 60_000)
  const parts: [number, string, string][] = [
    [Math.floor(minutes / 1440), '天', 'd'],
    [Math.floor((minutes % 1440) / 60), '小时', 'h'],
    [minutes % 60, '分', 'min'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  const zh = language() === 'zh'
  if (first < 0) return zh ? '不到 1 分' : 'under 1 min'
  return parts
    .slice(first, first + ((parts[0]?.[0] ?? 0) >= MANY_DAYS ? 1 : 2))
    .filter(([amount]) => amount > 0)
    .map(([amount, cn, en]) => `${amount} ${zh ? cn : en}`)
    .join(' ')
}

/** Now, anew every `seconds`; one timer a component, none while the page is hidden. */
export function useNow(seconds = 30): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const tick = () => {
      if (!document.hidden) setNow(Date.now())
    }
    const timer = setInterval(tick, seconds * 1000)
    document.addEventListener('visibilitychange', tick)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', tick)
    }
  }, [seconds])
  return now
}
