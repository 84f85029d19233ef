import { describe, expect, it } from 'vitest'
import { basemapOf, basemapParts } from '../../src/map/basemap'
import { type Role, roleOf } from '../../src/map/ground'
import { vectorBase } from '../../src/map/vectorbase'

const bare = (id: string) => ({ id, fields: [] })

describe('the layers of foreign vector tiles', () => {
  it.each<[string, Role]>([
    // OpenMapTiles
    ['water', 'water'],
    ['waterway', 'water'],
    ['landcover', 'use'],
    ['park', 'green'],
    ['boundary', 'boundary'],
    ['aeroway', 'any'],
    ['transportation', 'road'],
    ['transportation_name', 'name'],
    ['building', 'building'],
    ['water_name', 'name'],
    ['place', 'place'],
    ['housenumber', 'number'],
    ['poi', 'name'],
    // Protomaps
    ['earth', 'land'],
    ['landuse', 'use'],
    ['roads', 'road'],
    ['buildings', 'building'],
    ['boundaries', 'boundary'],
    ['pois', 'name'],
    ['places', 'place'],
    // Shortbread
    ['ocean', 'water'],
    ['water_polygons', 'water'],
    ['street_labels', 'name'],
    ['streets', 'road'],
    ['sites', 'use'],
    // GDAL
    ['multipolygons', 'any'],
    ['parcels', 'any'],
  ])('knows %s as %s', (id, role) => {
    expect(roleOf(bare(id))).toBe(role)
  })

  it('draws grounds below roads below names, each layer of the style once', () => {
    const tiles = ['places', 'roads', 'earth', 'water', 'buildings', 'landuse'].map(bare)
    const ids = vectorBase('base_0', tiles, 'light').map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const at = (id: string) => ids.indexOf(`base_0_${id}`)
    const order = [
      'ground',
      'earth_land',
      'landuse_green',
      'water_water',
      'buildings_building',
      'roads_minor_casing',
      'roads_minor',
      'roads_major',
      'places_cities',
    ].map(at)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order[0]).toBe(0)
  })

  it('draws what it does not know by its shapes, and names only what has names', () => {
    const ids = vectorBase('b', [{ id: 'parcels', fields: ['no'] }], 'dark').map(({ id }) => id)
    expect(ids).toEqual(['b_ground', 'b_parcels_shape', 'b_parcels_line', 'b_parcels_point'])
    const named = vectorBase('b', [{ id: 'parcels', fields: ['名称'] }], 'dark')
    expect(named.filter(({ type }) => type === 'symbol').map(({ id }) => id)).toEqual([
      'b_parcels_names_along',
      'b_parcels_names',
    ])
  })

  it('asks for shapes where the server says so, for the usual layers where nobody says which', () => {
    const told = { kind: 'xyz', tiles: ['/t/{z}/{x}/{y}.mvt'], formats: ['vector'], maxzoom: 14 }
    const { sources, layers } = basemapParts(basemapOf(told), 'light')
    expect(sources.base_0).toMatchObject({ type: 'vector', maxzoom: 14 })
    expect(layers.map(({ id }) => id)).toContain('base_0_transportation_major')
    const listed = { ...told, vector_layers: [{ id: 'roads', fields: ['kind', 3] }, null] }
    expect(basemapOf(listed)?.vectorLayers).toEqual([{ id: 'roads', fields: ['kind'] }])
  })
})
