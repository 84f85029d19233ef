/**
 * What the layers of foreign vector tiles are, told by their names and by the attributes of their
 * shapes. Written for the schemas in use (OpenMapTiles, Protomaps, Shortbread, plain OSM as GDAL
 * writes it); what none of them names is drawn by its geometry alone.
 */
import type { ExpressionSpecification } from 'maplibre-gl'

export interface VectorLayer {
  id: string
  /** Names of its attributes; empty where nothing is known of them. */
  fields: readonly string[]
  /** The attribute that is written, where whoever made the layer has said which. */
  label?: string | null
}

/** What all shapes of a layer are; `any` are of many kinds, told apart by attributes. */
export type Role =
  | 'land'
  | 'use'
  | 'green'
  | 'water'
  | 'building'
  | 'road'
  | 'rail'
  | 'boundary'
  | 'place'
  | 'name'
  | 'number'
  | 'any'

const ROLES: readonly (readonly [Role, RegExp])[] = [
  ['number', /house_?number|^addresses$/],
  // Before the rest: the names of roads lie in a layer beside the roads.
  ['name', /(_|^)(name|names|label|labels|point_labels|pois?)$|mountain_peak|aerodrome_label/],
  ['building', /building/],
  ['boundary', /boundar|^admin|_admin$/],
  ['rail', /^rail|railway|^transit/],
  ['road', /road|street|transportation|highway|motorway/],
  ['water', /water|ocean|^sea$|lake|river|stream|hydro/],
  ['green', /^parks?$|forest|wood|vegetation|greenery/],
  ['use', /land_?use|land_?cover|^sites$|globallandcover|natural|leisure/],
  ['land', /^(earth|land|land_?polygons|continents?)$/],
  ['place', /^places?$|settlement|place_labels/],
]

export function roleOf({ id }: VectorLayer): Role {
  const name = id.toLowerCase()
  return ROLES.find(([, words]) => words.test(name))?.[0] ?? 'any'
}

/** Attributes whose value says what a shape is. */
const KINDS = [
  'kind',
  'kind_detail',
  'pmap:kind',
  'class',
  'subclass',
  'fclass',
  'type',
  'highway',
  'railway',
  'waterway',
  'water',
  'natural',
  'landuse',
  'landcover',
  'leisure',
  'amenity',
  'place',
  'boundary',
]

export const WORDS = {
  green: `allotments cemetery farm farmland farmyard flowerbed forest garden golf_course grass
    grassland greenfield heath meadow nature_reserve national_park orchard park pitch plant_nursery
    playground recreation_ground scrub tree_row village_green vineyard wetland wood zoo`,
  built: `commercial construction education hospital industrial institutional kindergarten military
    parking pedestrian public railway residential retail school stadium university college`,
  water: `basin bay canal dock lake ocean pond pool reservoir river riverbank sea stream strait
    swimming_pool water`,
  stream: 'canal ditch drain river stream',
  major: `expressway highway major_road motorway motorway_link primary primary_link trunk
    trunk_link 高速公路 快速路 主干路`,
  middle: 'medium_road secondary secondary_link tertiary tertiary_link 次干路',
  minor: `busway living_street minor minor_road pedestrian residential road service street
    street_limited unclassified 支路`,
  path: 'bridleway cycleway footway path steps track',
  rail: 'funicular light_rail monorail narrow_gauge rail railway subway tram transit',
  boundary: 'administrative',
  city: 'city country province region state',
  town: 'county district locality municipality town',
  quarter: `borough hamlet isolated_dwelling island macrohood neighborhood neighbourhood quarter
    square suburb village`,
} as const
export type Word = keyof typeof WORDS

function among(known: VectorLayer, names: readonly string[]): string[] {
  return known.fields.length ? names.filter((name) => known.fields.includes(name)) : [...names]
}

/** Whether anything of the layer can be told by its attributes. */
export function isTold(layer: VectorLayer): boolean {
  return among(layer, [...KINDS, 'building']).length > 0
}

/** Whether an attribute of the shape names one of these things. */
export function says(layer: VectorLayer, ...words: Word[]): ExpressionSpecification {
  const values = words.flatMap((word) => WORDS[word].split(/\s+/))
  const said = among(layer, KINDS).map(
    (field): ExpressionSpecification => [
      'match',
      ['get', field],
      [...new Set(values)],
      true,
      false,
    ],
  )
  return ['any', ...said]
}

/** Whether the shape is a building, in a layer of shapes of many kinds. */
export function isBuilding(layer: VectorLayer): ExpressionSpecification {
  const said = among(layer, ['building']).map(
    (field): ExpressionSpecification => [
      '!',
      ['in', ['get', field], ['literal', [null, '', 'no']]],
    ],
  )
  return ['any', ...said]
}

const NAMES = {
  zh: ['name:zh-Hans', 'name:zh', 'name_zh', 'name', 'NAME', 'Name', '名称', 'label'],
  en: ['name:en', 'name_en', 'name:latin', 'name_int', 'name', 'NAME', 'Name', '名称', 'label'],
}
const ENGLISH = ['name:en', 'name_en']
const NUMBERS = ['housenumber', 'addr_housenumber', 'addr:housenumber']

/** The name to write; null where the layer has none. */
export function nameOf(
  layer: VectorLayer,
  spoken: 'zh' | 'en',
  role: Role,
): ExpressionSpecification | null {
  const names = layer.label
    ? [...(spoken === 'en' ? among(layer, ENGLISH) : []), layer.label]
    : among(layer, role === 'number' ? NUMBERS : NAMES[spoken])
  if (names.length === 0) return null
  const said = names.map((name): ExpressionSpecification => ['get', name])
  return ['to-string', ['coalesce', ...said, '']]
}
