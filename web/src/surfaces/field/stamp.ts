/** The bar at the bottom of a photo of the field: when, where, who. It is drawn on the device. */

const QUALITY = 0.85

export async function stamp(photo: Blob, lines: readonly string[]): Promise<Blob> {
  const bitmap = await createImageBitmap(photo)
  const { width, height } = bitmap
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const draw = canvas.getContext('2d')
  if (!draw) return photo
  draw.drawImage(bitmap, 0, 0)
  bitmap.close()
  const size = Math.max(12, Math.round(Math.max(width, height) / 48))
  const step = Math.round(size * 1.45)
  const bar = step * lines.length + size
  draw.fillStyle = 'rgba(10, 16, 22, 0.62)'
  draw.fillRect(0, height - bar, width, bar)
  draw.font = `${size}px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif`
  draw.textBaseline = 'top'
  draw.fillStyle = '#ffffff'
  for (const [index, line] of lines.entries()) {
    const y = height - bar + size / 2 + index * step
    draw.fillText(fitted(draw, line, width - 2 * size), size, y)
  }
  return new Promise((resolve) => {
    canvas.toBlob((made) => resolve(made ?? photo), 'image/jpeg', QUALITY)
  })
}

/** A text cut to a width in pixels. */
function fitted(draw: CanvasRenderingContext2D, text: string, width: number): string {
  if (draw.measureText(text).width <= width) return text
  let cut = text
  while (cut && draw.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1)
  return `${cut}…`
}
