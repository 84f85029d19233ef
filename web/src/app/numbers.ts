/** How figures are written: whole, as a share, as a change. */
import { locale } from './language'

export function whole(value: number): string {
  return value.toLocaleString(locale())
}

/** 0.964 → 96.4%; a dash for what nobody knows. */
export function share(value: number | null): string {
  if (value === null) return '—'
  return value.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: 1 })
}

/** +6%, −3%, ±0%. */
export function change(value: number): string {
  return value.toLocaleString(locale(), {
    style: 'percent',
    signDisplay: 'exceptZero',
    maximumFractionDigits: Math.abs(value) < 0.1 ? 1 : 0,
  })
}

/** Below this a percentage says more than its count can carry: from 2 to 18 is no "+800%". */
const FEW = 20

/** How a count stands to an earlier one: in shares of it, or in cases where that was few. */
export function against(now: number, before: number): { change: string; few: boolean } {
  if (before >= FEW) return { change: change(now / before - 1), few: false }
  return {
    change: (now - before).toLocaleString(locale(), { signDisplay: 'exceptZero' }),
    few: true,
  }
}

/** The difference of two shares in points: +0.8. */
export function points(value: number): string {
  return (value * 100).toLocaleString(locale(), {
    signDisplay: 'exceptZero',
    maximumFractionDigits: 1,
  })
}

/** Bytes on a device, as people say them: 812 kB, 3.4 MB. */
export function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
