/** Codes on things: read from a photo, by the browser where it can, else by our own reader. */

interface Detector {
  detect(picture: ImageBitmap | HTMLVideoElement): Promise<{ rawValue: string }[]>
}
type DetectorClass = new (options: { formats: string[] }) => Detector

/** Large enough for a code that fills a fifth of the photo, small enough for an old phone. */
const EDGE = 1200

function browsersOwn(): Detector | null {
  const found: unknown = Reflect.get(globalThis, 'BarcodeDetector')
  if (typeof found !== 'function') return null
  try {
    return new (found as DetectorClass)({ formats: ['qr_code', 'code_128', 'data_matrix'] })
  } catch {
    return null
  }
}

/** What a code says about a component: its code, alone or at the end of an address. */
export function codeIn(text: string): string {
  const trimmed = text.trim()
  const last = /^https?:/i.test(trimmed) ? (trimmed.split(/[/?=&#]/).pop() ?? '') : trimmed
  return /^[0-9A-Za-z_.-]{1,32}$/.test(last) ? last : ''
}

export interface Pixels {
  data: Uint8ClampedArray
  width: number
  height: number
}

export async function codeInPixels({ data, width, height }: Pixels): Promise<string> {
  const { default: read } = await import('jsqr')
  return codeIn(read(data, width, height)?.data ?? '')
}

/** The component's code in a photo; empty where none is found. */
export async function codeInPhoto(photo: Blob): Promise<string> {
  const bitmap = await createImageBitmap(photo, { imageOrientation: 'from-image' })
  try {
    return await codeInPicture(bitmap)
  } finally {
    bitmap.close()
  }
}

/** The same in what a camera shows at this moment. */
export async function codeInPicture(picture: ImageBitmap | HTMLVideoElement): Promise<string> {
  const found = await browsersOwn()
    ?.detect(picture)
    .catch(() => [])
  const code = codeIn(found?.[0]?.rawValue ?? '')
  if (code) return code
  const [width, height] =
    picture instanceof HTMLVideoElement
      ? [picture.videoWidth, picture.videoHeight]
      : [picture.width, picture.height]
  const scale = Math.min(1, EDGE / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const draw = canvas.getContext('2d', { willReadFrequently: true })
  if (!draw) return ''
  draw.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return await codeInPixels(draw.getImageData(0, 0, canvas.width, canvas.height))
}
