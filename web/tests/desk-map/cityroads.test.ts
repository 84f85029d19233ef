import { afterEach, describe, expect, it } from 'vitest'
import { assume } from '../../src/app/language'
import { basemapOf } from '../../src/map/basemap'
import { roadsAmong } from '../../src/map/cityroads'
import { style } from '../../src/map/style'

const LISTED = {
  code: 'streets_2026',
  shape: 'line',
  roads: true,
  style: { label: '路名' },
  fields: [
    { name: '路名', zh: '路名', en: '', kind: 'string' },
    { name: 'name_en', zh: '', en: '', kind: 'string' },
    { name: 'highway', zh: '', en: '', kind: 'string' },
  ],
  minzoom: 0,
  maxzoom: 22,
}
const PLAIN = { theme: 'light', layers: [] } as const

function drawn(roads = roadsAmong([LISTED])) {
  return style({ ...PLAIN, roads })
}

describe('the roads of the city, where there is no basemap', () => {
  afterEach(() => assume('zh'))

  it('are the layers of lines that say so', () => {
    const others = [
      { ...LISTED, code: 'pipes', roads: false },
      { ...LISTED, code: 'areas', shape: 'polygon' },
      { ...LISTED, code: 'from_far', maxzoom: 9 },
    ]
    expect(roadsAmong([...others, LISTED]).map(({ id }) => id)).toEqual(['streets_2026'])
  })

  it('lie between the land and the borders, their names below those of areas', () => {
    const ids = drawn().layers.map(({ id }) => id)
    const at = (id: string) => ids.indexOf(id)
    const road = 'roads_streets_2026_streets_2026_minor'
    expect(at('land')).toBeLessThan(at(road))
    expect(at(road)).toBeLessThan(at('districts'))
    expect(at('roads_streets_2026_streets_2026_names')).toBeLessThan(at('label_community'))
    expect(drawn().sources.roads_streets_2026).toMatchObject({ minzoom: 11, maxzoom: 16 })
  })

  it('are called as their layer says, in English by an English name where there is one', () => {
    const name = () =>
      JSON.stringify(drawn().layers.find(({ id }) => id.endsWith('names_along'))?.layout)
    expect(name()).toContain('["coalesce",["get","路名"],""]')
    assume('en')
    expect(name()).toContain('["coalesce",["get","name_en"],["get","路名"],""]')
  })

  it('give way to a basemap', () => {
    const base = basemapOf({ kind: 'xyz', tiles: ['/base/{z}/{x}/{y}'], formats: ['raster'] })
    const { sources } = style({ ...PLAIN, base, roads: roadsAmong([LISTED]) })
    expect(Object.keys(sources)).toEqual(['base_0', 'areas'])
  })
})
