/**
 * The map of the phone pages. MapLibre reads tiles in a worker of its own; a worker whose script
 * lies outside `/m` is no client of their service workers and would find nothing without a network.
 * One made from a blob belongs to the page that made it, and so do its questions.
 */
import { useEffect, useState } from 'react'
import { CityMap, type CityMapProps, canDraw } from './CityMap'

let ready: Promise<void> | undefined

async function ownWorker(): Promise<void> {
  const [{ getWorkerUrl, setWorkerUrl }] = await Promise.all([
    import('maplibre-gl'),
    import('./engine'),
  ])
  const script = await fetch(getWorkerUrl())
  setWorkerUrl(URL.createObjectURL(await script.blob()))
}

export function PhoneMap(props: CityMapProps) {
  const [mounted, setMounted] = useState(false)
  useEffect(() => {
    if (!canDraw()) return
    // In development the worker is many modules, which a blob cannot import.
    ready ??= import.meta.env.PROD ? ownWorker() : Promise.resolve()
    let gone = false
    ready
      .catch(() => {
        ready = undefined
      })
      .then(() => {
        if (!gone) setMounted(true)
      })
    return () => {
      gone = true
    }
  }, [])
  if (!mounted && canDraw()) return <div className={props.className} data-map="coming" />
  return <CityMap {...props} />
}
