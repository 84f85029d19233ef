/**
 * A basemap of vector tiles in a calm look of its own, under everything that is ours: quiet grounds,
 * pale roads, names in the machine's fonts (no glyph, sprite or tile server is asked).
 */
import type {
  ExpressionSpecification,
  LayerSpecification,
  LineLayerSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl'
import { language } from '../app/language'
import { PALETTE, type Theme } from '../app/theme'
import { isBuilding, isTold, nameOf, type Role, roleOf, says, type VectorLayer } from './ground'
import { FONTS } from './style'

const COLOURS = {
  light: {
    water: '#CFE0EC',
    stream: '#B9D0E2',
    green: '#E0ECDF',
    built: '#EDF0F3',
    building: '#DFE4EA',
    wall: '#CFD6DE',
    road: '#FFFFFF',
    casing: '#D5DCE4',
    major: '#FFF6DF',
    edge: '#D9C99B',
    rail: '#B7C1CC',
    path: '#C9D2DB',
    waterName: '#4A7091',
  },
  dark: {
    water: '#0B2030',
    stream: '#123049',
    green: '#11241F',
    built: '#13202B',
    building: '#1A2936',
    wall: '#233645',
    road: '#2B3D4C',
    casing: '#0C151D',
    major: '#45545C',
    edge: '#0C151D',
    rail: '#3A4E60',
    path: '#273846',
    waterName: '#6E9CC0',
  },
} as const

type Shape = 'Point' | 'LineString' | 'Polygon'
type Test = ExpressionSpecification
/** Zoom and width in pixels, in steps. */
type Widths = readonly (readonly [zoom: number, width: number])[]

const ROADS = {
  major: {
    words: ['major'],
    minzoom: 5,
    widths: [
      [5, 0.6],
      [10, 2],
      [14, 5],
      [18, 20],
    ],
  },
  middle: {
    words: ['middle'],
    minzoom: 9,
    widths: [
      [9, 0.6],
      [14, 3.4],
      [18, 15],
    ],
  },
  minor: {
    words: ['minor'],
    minzoom: 12,
    widths: [
      [12, 0.5],
      [14, 1.8],
      [18, 11],
    ],
  },
} as const

function shaped(...shapes: Shape[]): Test {
  const all = shapes.flatMap((shape) => [shape, `Multi${shape}`])
  return ['match', ['geometry-type'], all, true, false]
}

function growing(widths: Widths, more = 0): ExpressionSpecification {
  const steps = widths.flatMap(([zoom, width]) => [zoom, width + more])
  return ['interpolate', ['exponential', 1.5], ['zoom'], ...steps] as ExpressionSpecification
}

/** The layers of `source`, from below. Areas of our own are drawn above them. */
export function vectorBase(
  source: string,
  tiles: readonly VectorLayer[],
  theme: Theme,
): LayerSpecification[] {
  const known = tiles.map((layer) => ({ layer, role: roleOf(layer) }))
  const { map } = PALETTE[theme]
  // Where land is drawn, what is left is the sea.
  const sea = known.some(({ role }) => role === 'land')
  const ground = sea ? COLOURS[theme].water : map.area
  const draw = (part: (of: Part) => LayerSpecification[]) =>
    known.flatMap(({ layer, role }) => part({ source, layer, role, theme }))
  return [
    { id: `${source}_ground`, type: 'background', paint: { 'background-color': ground } },
    ...draw(grounds),
    ...draw(waters),
    ...draw(buildings),
    ...draw(boundaries),
    ...draw(ways),
    ...draw(casings),
    ...draw(roads),
    ...draw(strangers),
    ...draw(names),
  ]
}

/** One layer of lines that are known to be roads, drawn as those of a basemap. */
export function roadsAlone(source: string, layer: VectorLayer, theme: Theme) {
  const part: Part = { source, layer, role: 'road', theme }
  return { lines: [...casings(part), ...roads(part)], names: names(part) }
}

/** One layer of the tiles. */
interface Part {
  source: string
  layer: VectorLayer
  role: Role
  theme: Theme
}

function of({ source, layer }: Part, id: string, filter: Test, minzoom = 0) {
  return { id: `${source}_${layer.id}_${id}`, source, 'source-layer': layer.id, filter, minzoom }
}

function fill(part: Part, id: string, color: string, filter: Test): LayerSpecification {
  const shape = of(part, id, ['all', shaped('Polygon'), filter])
  return { ...shape, type: 'fill', paint: { 'fill-color': color } }
}

function line(
  part: Part,
  id: string,
  paint: LineLayerSpecification['paint'],
  filter: Test,
  minzoom = 0,
): LayerSpecification {
  const shape = of(part, id, ['all', shaped('LineString'), filter], minzoom)
  const layout = { 'line-cap': 'round', 'line-join': 'round' } as const
  return { ...shape, type: 'line', layout, paint }
}

const ALL: Test = ['literal', true]

function grounds(part: Part): LayerSpecification[] {
  const { layer, role, theme } = part
  const { green, built } = COLOURS[theme]
  if (role === 'land') return [fill(part, 'land', PALETTE[theme].map.area, ALL)]
  if (role === 'green') return [fill(part, 'green', green, ALL)]
  if ((role !== 'use' && role !== 'any') || !isTold(layer)) return []
  return [
    fill(part, 'built', built, says(layer, 'built')),
    fill(part, 'green', green, says(layer, 'green')),
  ]
}

function waters(part: Part): LayerSpecification[] {
  const { layer, role, theme } = part
  const { water, stream } = COLOURS[theme]
  const all = role === 'water'
  if (!all && ((role !== 'any' && role !== 'use') || !isTold(layer))) return []
  const width = {
    'line-color': stream,
    'line-width': growing([
      [10, 0.6],
      [18, 5],
    ]),
  }
  return [
    fill(part, 'water', water, all ? ALL : says(layer, 'water')),
    line(part, 'stream', width, all ? ALL : says(layer, 'stream'), 8),
  ]
}

function buildings(part: Part): LayerSpecification[] {
  const { layer, role, theme } = part
  const { building, wall } = COLOURS[theme]
  if (role !== 'building' && (role !== 'any' || !isTold(layer))) return []
  const filter: Test = ['all', shaped('Polygon'), role === 'building' ? ALL : isBuilding(layer)]
  return [
    {
      ...of(part, 'building', filter, 13),
      type: 'fill',
      paint: { 'fill-color': building, 'fill-outline-color': wall },
    },
  ]
}

function boundaries(part: Part): LayerSpecification[] {
  const { layer, role, theme } = part
  const told = role === 'any' && isTold(layer)
  if (role !== 'boundary' && !told) return []
  const filter: Test = told
    ? says(layer, 'boundary')
    : ['!', ['in', ['get', 'maritime'], ['literal', [1, true]]]]
  return [
    {
      ...of(part, 'boundary', ['all', shaped('LineString', 'Polygon'), filter]),
      type: 'line',
      paint: {
        'line-color': PALETTE[theme].map.border,
        'line-width': 0.8,
        'line-dasharray': [4, 2],
      },
    },
  ]
}

/** Railways and paths. */
function ways(part: Part): LayerSpecification[] {
  const { layer, role, theme } = part
  const { rail, path } = COLOURS[theme]
  const all = role === 'rail'
  if (!all && ((role !== 'road' && role !== 'any') || !isTold(layer))) return []
  const tracks = {
    'line-color': rail,
    'line-width': growing([
      [8, 0.5],
      [18, 3],
    ]),
  }
  const paths = {
    'line-color': path,
    'line-width': growing([
      [14, 0.7],
      [18, 2.5],
    ]),
  }
  return [
    line(part, 'rail', tracks, all ? ALL : says(layer, 'rail'), 8),
    line(part, 'path', { ...paths, 'line-dasharray': [2, 1.5] }, says(layer, 'path'), 14),
  ]
}

/** Which of a layer's lines are roads of a rank; a layer of roads has no others. */
function ranked({ layer, role }: Part, rank: keyof typeof ROADS): Test | null {
  if (role === 'any' && !isTold(layer)) return null
  if (role !== 'road' && role !== 'any') return null
  if (role === 'road' && rank === 'minor') {
    return ['!', says(layer, 'major', 'middle', 'path', 'rail')]
  }
  return says(layer, ...ROADS[rank].words)
}

const RANKS = ['minor', 'middle', 'major'] as const

function casings(part: Part): LayerSpecification[] {
  const { casing, edge } = COLOURS[part.theme]
  return RANKS.flatMap((rank) => {
    const filter = ranked(part, rank)
    if (!filter) return []
    const { minzoom, widths } = ROADS[rank]
    const color = rank === 'major' ? edge : casing
    const paint = { 'line-color': color, 'line-width': growing(widths, 1.4) }
    return [line(part, `${rank}_casing`, paint, filter, Math.max(minzoom, 11))]
  })
}

function roads(part: Part): LayerSpecification[] {
  const { road, major, casing, edge } = COLOURS[part.theme]
  return RANKS.flatMap((rank) => {
    const filter = ranked(part, rank)
    if (!filter) return []
    const { minzoom, widths } = ROADS[rank]
    // From far a white line on white ground would be none: there it has the colour of its edge.
    const [far, near] = rank === 'major' ? [edge, major] : [casing, road]
    const color: ExpressionSpecification = ['step', ['zoom'], far, 11, near]
    const paint = { 'line-color': color, 'line-width': growing(widths) }
    return [line(part, rank, paint, filter, minzoom)]
  })
}

/** Layers of which nothing is known but their shapes. */
function strangers(part: Part): LayerSpecification[] {
  const { layer, role, theme } = part
  if (role !== 'any' || isTold(layer)) return []
  const { built, wall } = COLOURS[theme]
  return [
    {
      ...of(part, 'shape', shaped('Polygon')),
      type: 'fill',
      paint: { 'fill-color': built, 'fill-outline-color': wall },
    },
    line(part, 'line', { 'line-color': wall, 'line-width': 1.2 }, ALL),
    {
      ...of(part, 'point', shaped('Point')),
      type: 'circle',
      paint: { 'circle-color': PALETTE[theme].map.quiet, 'circle-radius': 2.5 },
    },
  ]
}

function names(part: Part): LayerSpecification[] {
  const { layer, role, theme } = part
  const name = nameOf(layer, language(), role)
  if (!name || role === 'land') return []
  const label = (
    id: string,
    filter: Test,
    minzoom: number,
    size: number,
    layout: SymbolLayerSpecification['layout'] = {},
  ): LayerSpecification => ({
    ...of(part, id, filter, minzoom),
    type: 'symbol',
    layout: {
      'text-field': name,
      'text-font': FONTS,
      'text-size': size,
      'text-max-width': 8,
      ...layout,
    },
    paint: {
      'text-color': role === 'water' ? COLOURS[theme].waterName : PALETTE[theme].map.label,
      'text-halo-color': PALETTE[theme].map.area,
      'text-halo-width': 1.3,
    },
  })
  const along = { 'symbol-placement': 'line' } as const
  // Of lines of all kinds those that are drawn: a bus route is none.
  const drawn = role === 'any' && isTold(layer) ? says(layer, ...LINES) : ALL
  const lines = label(
    'names_along',
    ['all', shaped('LineString'), drawn],
    role === 'water' ? 12 : 14,
    11,
    along,
  )
  const spots = (minzoom: number, ...without: Parameters<typeof says>[1][]) =>
    label(
      'names',
      ['all', shaped('Point', 'Polygon'), ...without.map((w): Test => ['!', says(layer, w)])],
      minzoom,
      11,
    )
  switch (role) {
    case 'place':
      return [...placeNames(part, label), spots(12, 'city', 'town', 'quarter')]
    case 'any':
      return [lines, ...placeNames(part, label), spots(16, 'city', 'town', 'quarter', 'boundary')]
    case 'name':
      return [lines, spots(/water/.test(layer.id) ? 10 : 16)]
    case 'water':
      return [lines, spots(12)]
    case 'number':
      return [spots(17)]
    default:
      return [lines, spots(16)]
  }
}

const LINES = ['major', 'middle', 'minor', 'path', 'rail', 'stream'] as const
type Label = (id: string, filter: Test, minzoom: number, size: number) => LayerSpecification

function placeNames({ layer }: Part, label: Label): LayerSpecification[] {
  if (!isTold(layer)) return []
  const points = (word: 'city' | 'town' | 'quarter'): Test => [
    'all',
    shaped('Point'),
    says(layer, word),
  ]
  return [
    label('quarters', points('quarter'), 12, 12),
    label('towns', points('town'), 8, 13),
    label('cities', points('city'), 3, 15),
  ]
}
