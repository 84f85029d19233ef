/**
 * Whether a map rests, as `data-map` of its element: the mark that browser tests wait for, because
 * an open event stream never lets the network rest.
 */
import type { Map as MapLibre } from 'maplibre-gl'

const BEAT_MS = 250

/**
 * MapLibre says `idle` after a frame that left nothing to do. A tile that fails asks for no frame:
 * when it is the last one, nothing would ever be said, and paper would wait for ever. So while the
 * map does not rest it is looked at now and then, and a frame is asked for when all is there.
 * Gives what marks the map as busy.
 */
export function watchRest(map: MapLibre, element: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  function look() {
    timer = undefined
    if (element.dataset.map === 'idle') return
    if (map.loaded() && !map.isMoving()) map.triggerRepaint()
    timer = setTimeout(look, BEAT_MS)
  }
  function stir() {
    element.dataset.map = 'moving'
    timer ??= setTimeout(look, BEAT_MS)
  }
  map.on('movestart', stir)
  // A style, a source or a tile is asked for: what is seen is not yet what there is.
  map.on('dataloading', stir)
  map.on('idle', () => {
    element.dataset.map = 'idle'
  })
  map.on('remove', () => clearTimeout(timer))
  stir()
  return stir
}
