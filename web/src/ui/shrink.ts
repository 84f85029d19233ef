/** Photos on the device: where and when they were taken is read, then they are made small. */

export interface Shot {
  blob: Blob
  url: string
  takenAt: string | null
  /** lon, lat as the camera wrote them (WGS 84). */
  place: [number, number] | null
}

const EDGE = 1600
const QUALITY = 0.82

/** Re-encodes a picture as JPEG of at most `edge` pixels; its metadata stay behind. */
export async function shrink(file: Blob, edge = EDGE): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, edge / Math.max(bitmap.width, bitmap.height))
  const width = Math.round(bitmap.width * scale)
  const height = Math.round(bitmap.height * scale)
  if (typeof OffscreenCanvas !== 'undefined') {
    const canvas = new OffscreenCanvas(width, height)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height)
    bitmap.close()
    return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
  }
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be encoded.'))),
      'image/jpeg',
      QUALITY,
    ),
  )
}

/** A file from the camera or the gallery as a small photo with its place and time. */
export async function shoot(file: File): Promise<Shot> {
  const { takenAt, place } = await origin(file)
  const blob = await shrink(file)
  return { blob, url: URL.createObjectURL(blob), takenAt, place }
}

async function origin(file: File): Promise<Pick<Shot, 'takenAt' | 'place'>> {
  try {
    const { default: exifr } = await import('exifr/dist/lite.esm.mjs')
    const [position, tags] = await Promise.all([
      exifr.gps(file).catch(() => undefined),
      // Naming the tags makes the light build throw; it reads few enough by itself.
      exifr.parse(file).catch(() => undefined),
    ])
    const taken = tags?.DateTimeOriginal
    return {
      takenAt: taken instanceof Date && !Number.isNaN(taken.getTime()) ? taken.toISOString() : null,
      place:
        position && Number.isFinite(position.longitude) && Number.isFinite(position.latitude)
          ? [position.longitude, position.latitude]
          : null,
    }
  } catch {
    // A picture without readable metadata is still a picture.
    return { takenAt: null, place: null }
  }
}
