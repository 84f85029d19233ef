/** The address and the server's answers as what the map draws. */
import { useQuery } from '@tanstack/react-query'
import type { Feature } from 'geojson'
import { useMemo } from 'react'
import { useLanguage } from '../../../app/language'
import { readBasemap } from '../../../map/basemap'
import { useTheme } from '../../../ui/Switches'
import { usePreference } from '../preferences'
import { type Folder, isTreeChoice, NO_CHOICE, readLayers, type TreeChoice, treeOf } from './layers'
import { askable, type Drawn, type Overlays, scene } from './scene'
import { caseTiles, codesOf, layerTime, type MapSearch } from './search'

/** One array for all time, while the server has not answered. */
const NO_LAYERS: Awaited<ReturnType<typeof readLayers>> = []

export function useLayers(search: MapSearch) {
  const { data: layers = NO_LAYERS, error: noLayers } = useQuery({
    queryKey: ['map', 'layers'],
    queryFn: ({ signal }) => readLayers(signal),
    staleTime: 60_000,
  })
  const { data: base = null, error: noBase } = useQuery({
    queryKey: ['map', 'basemap'],
    queryFn: ({ signal }) => readBasemap(signal),
    staleTime: 600_000,
    retry: false,
  })
  const choice = usePreference('desk.map_layers', NO_CHOICE, isTreeChoice)
  const tree = useMemo(() => treeOf(layers, choice.value), [layers, choice.value])
  const { on, other } = search
  const { left, right } = useMemo(() => {
    const all = tree.flatMap((folder) => folder.layers)
    const opening = all.filter((layer) => layer.visible).map((layer) => layer.code)
    const left = codesOf(on) ?? opening
    return { left, right: codesOf(other) ?? left }
  }, [tree, on, other])
  return { layers, error: noLayers ?? noBase, base, choice, tree, left, right }
}

export type MapLayers = ReturnType<typeof useLayers>

function drawnOf(
  tree: readonly Folder[],
  { opacity }: TreeChoice,
  codes: readonly string[],
  during: { moments: string; days: string },
): Drawn[] {
  return tree
    .flatMap((folder) => folder.layers)
    .filter((layer) => codes.includes(layer.code))
    .map((layer) => ({
      layer,
      opacity: opacity[layer.code] ?? layer.opacity,
      query: layer.time ? (layer.time.days ? during.days : during.moments) : '',
    }))
}

function useDuring(search: MapSearch, other: boolean) {
  const moments = layerTime(search, false, other)
  const days = layerTime(search, true, other)
  return useMemo(() => ({ moments, days }), [moments, days])
}

export interface Marked {
  ring: Overlays['selection']
  notes: Feature[]
  sketch: Feature[]
  marks: Feature[]
  density: Feature[]
}

export function useScene(search: MapSearch, known: MapLayers, marked: Marked, version: number) {
  const theme = useTheme()
  const spoken = useLanguage()
  const { base, tree, left, right } = known
  const chosen = known.choice.value
  const fresh = version ? `v=${version}` : ''
  const during = useDuring(search, false)
  const otherDuring = useDuring(search, true)
  const drawn = useMemo(() => drawnOf(tree, chosen, left, during), [tree, chosen, left, during])
  const cases = [caseTiles(search), fresh].filter(Boolean).join('&')
  const others = [caseTiles(search, true), fresh].filter(Boolean).join('&')
  const { ring, notes, sketch, marks, density } = marked
  // biome-ignore lint/correctness/useExhaustiveDependencies: names are of the language spoken
  const style = useMemo(() => {
    const overlays = { density, selection: ring, notes, sketch, marks }
    return scene({ theme, base, drawn, cases, overlays })
  }, [theme, base, drawn, cases, density, ring, notes, sketch, marks, spoken])
  const comparing = search.tool === 'compare'
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const otherStyle = useMemo(() => {
    if (!comparing) return null
    const overlays = { density: [], selection: ring, notes, sketch: [], marks: [] }
    const above = drawnOf(tree, chosen, right, otherDuring)
    return scene({ theme, base, drawn: above, cases: others, overlays })
  }, [comparing, theme, base, tree, chosen, right, otherDuring, others, ring, notes, spoken])
  // Paper is light whatever the page is.
  const printing = search.tool === 'print'
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const paperStyle = useMemo(() => {
    if (!printing) return null
    const overlays = { density, selection: ring, notes, sketch, marks }
    return scene({ theme: 'light', base, drawn, cases, overlays })
  }, [printing, base, drawn, cases, density, ring, notes, sketch, marks, spoken])
  const asked = useMemo(() => askable(drawn, theme), [drawn, theme])
  return { style, otherStyle, paperStyle, asked, drawn, theme }
}
