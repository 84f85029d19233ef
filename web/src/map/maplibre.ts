/** MapLibre with its worker and its look; only chunks that draw a map load it. */
import 'maplibre-gl/dist/maplibre-gl.css'
import './map.css'
import { setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'

setWorkerUrl(workerUrl)

export * from 'maplibre-gl'
