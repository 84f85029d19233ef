/** A sheet of paper: its size, its scale, the length of its bar. 96 CSS pixels are an inch. */

export const PAPERS = {
  a4: { name: 'A4', long: 297, short: 210 },
  a3: { name: 'A3', long: 420, short: 297 },
} as const
export type Paper = keyof typeof PAPERS
export const RATIOS = [1_000, 2_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000] as const

/** Millimetres of one CSS pixel. */
export const PIXEL_MM = 25.4 / 96

/** 1 : how much, of a map on which a pixel is so many metres. */
export function ratioOf(metresPerPixel: number): number {
  return (metresPerPixel * 1_000) / PIXEL_MM
}

/** Metres of a pixel at 1 : ratio. */
export function pixelOf(ratio: number): number {
  return (ratio * PIXEL_MM) / 1_000
}

/** A ratio with three figures that mean something. */
export function rounded(ratio: number): number {
  const size = 10 ** Math.max(0, Math.floor(Math.log10(ratio)) - 2)
  return Math.round(ratio / size) * size
}

/** The longest round length that a bar of so many pixels can show, in metres. */
export function barOf(metresPerPixel: number, most: number): { metres: number; pixels: number } {
  const longest = metresPerPixel * most
  const power = 10 ** Math.floor(Math.log10(longest))
  const metres = power * ([5, 2, 1].find((each) => each * power <= longest) ?? 1)
  return { metres, pixels: metres / metresPerPixel }
}
