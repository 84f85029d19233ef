/**
 * Tiles of shifted basemaps, put back: `shifted://gcj02/{z}/{x}/{y}?ADDRESS` is a picture made of
 * the parts of up to four tiles of ADDRESS (with %7Bz%7D …, percent-encoded).
 */

import { addressOf, SHIFTED } from './basemap'
import { addProtocol } from './maplibre'
import { cornerAmong, type Datum, parts } from './shift'

const SIZE = 256
/** Each of theirs is needed by up to four of ours. */
const KEPT = 200
const kept = new Map<string, Promise<ImageBitmap | null>>()

/** A tile of theirs; null where they have none. */
function picture(address: string): Promise<ImageBitmap | null> {
  const known = kept.get(address)
  if (known) return known
  const asked = fetch(address)
    .then(async (answer) => (answer.ok ? createImageBitmap(await answer.blob()) : null))
    .catch((error: unknown) => {
      // Asked again when it is wanted again: the network may be back. Until then a coarser tile
      // stands in, which a picture with holes would hide.
      kept.delete(address)
      throw error
    })
  kept.set(address, asked)
  const [oldest] = kept.keys()
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
  return asked
}

export function read(url: string) {
  const found = /^shifted:\/\/(gcj02|bd09)\/(\d+)\/(\d+)\/(\d+)\?(.+)$/.exec(url)
  if (!found) return null
  const [, datum, z, x, y, address] = found
  return {
    datum: (datum === 'bd09' ? 'bd09' : 'gcj02') satisfies Datum as Datum,
    z: Number(z),
    x: Number(x),
    y: Number(y),
    address: decodeURIComponent(address ?? ''),
  }
}

export async function compose(url: string): Promise<ArrayBuffer> {
  const tile = read(url)
  if (!tile) throw new Error(`not a shifted tile: ${url}`)
  const { datum, z, x, y, address } = tile
  const canvas = document.createElement('canvas')
  canvas.width = SIZE
  canvas.height = SIZE
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('no canvas')
  const drawn = parts(cornerAmong(datum, z, x, y), SIZE).map(async (part) => {
    const there = addressOf(address, z, part.x, part.y)
    const image = there && (await picture(there))
    if (image) pen.drawImage(image, part.left, part.top, SIZE, SIZE)
  })
  await Promise.all(drawn)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done))
  if (!blob) throw new Error('no picture')
  return blob.arrayBuffer()
}

addProtocol(SHIFTED, async ({ url }) => ({ data: await compose(url) }))
