/** The receipt of what was just sent, and its forms to take along: link, QR code, picture. */
import { encode } from 'uqr'
import { PALETTE } from '../../app/theme'
import { followPath } from './kept'

/** The address of a report's page, for other devices. */
export function followLink(number: string, code: string): string {
  return location.origin + followPath(number, code)
}

export interface Qr {
  size: number
  /** SVG path of the dark modules, one unit each. */
  path: string
}

/** With the quiet border of four modules that scanners need. */
export function qrOf(text: string): Qr {
  const { data, size } = encode(text, { border: 4 })
  const runs: string[] = []
  for (const [y, row] of data.entries()) {
    for (const [x, dark] of row.entries()) if (dark) runs.push(`M${x} ${y}h1v1h-1z`)
  }
  return { size, path: runs.join('') }
}

export interface PictureWords {
  title: string
  number: string
  code: string
  hint: string
}

/** A PNG of 720 × 1000 pixels that reads on any phone. Throws where a canvas cannot be written. */
export function pictureOf(
  link: string,
  number: string,
  code: string,
  words: PictureWords,
): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = 720
  canvas.height = 1000
  const pen = canvas.getContext('2d')
  if (!pen) return Promise.reject(new Error('There is no canvas.'))
  const { surface, text, text2, line } = PALETTE.light
  const fonts = getComputedStyle(document.body).fontFamily
  const write = (words: string, y: number, size: number, weight: number, color: string) => {
    pen.fillStyle = color
    let pixels = size
    // A long title is written smaller rather than cut.
    do pen.font = `${weight} ${pixels}px ${fonts}`
    while (pen.measureText(words).width > 640 && --pixels > 14)
    pen.fillText(words, 360, y)
  }
  pen.fillStyle = surface
  pen.fillRect(0, 0, 720, 1000)
  pen.strokeStyle = line
  pen.lineWidth = 2
  pen.strokeRect(20, 20, 680, 960)
  pen.textAlign = 'center'
  write(words.title, 92, 34, 600, text)
  const { data, size } = encode(link, { border: 4 })
  const module = Math.floor(460 / size)
  const edge = (720 - module * size) / 2
  pen.fillStyle = text
  for (const [y, row] of data.entries()) {
    for (const [x, dark] of row.entries()) {
      if (dark) pen.fillRect(edge + x * module, 130 + y * module, module, module)
    }
  }
  write(words.number, 660, 26, 400, text2)
  write(number, 712, 44, 600, text)
  write(words.code, 786, 26, 400, text2)
  write(code, 838, 44, 600, text)
  write(words.hint, 920, 24, 400, text2)
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture was not made.'))),
      'image/png',
    ),
  )
}

/** Copies a text, also where the page came over plain HTTP and the clipboard is closed to it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const box = document.createElement('textarea')
    box.value = text
    box.style.position = 'fixed'
    box.style.opacity = '0'
    document.body.append(box)
    box.select()
    const copied = document.execCommand('copy')
    box.remove()
    return copied
  }
}
