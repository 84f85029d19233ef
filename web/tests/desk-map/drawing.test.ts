import { describe, expect, it } from 'vitest'
import { basemapOf, basemapParts } from '../../src/map/basemap'
import { drawing, faded, PLAIN, readStyle, times } from '../../src/map/vocabulary'
import { breaksOf, coloursOf, placeName } from '../../src/surfaces/desk/map/density'
import {
  folderMoved,
  inScale,
  isTreeChoice,
  layerMoved,
  layerOf,
  type MapLayer,
  NO_CHOICE,
  treeOf,
} from '../../src/surfaces/desk/map/layers'
import { type Note, readNotes, within } from '../../src/surfaces/desk/map/notes'
import { scene } from '../../src/surfaces/desk/map/scene'
import {
  added,
  begun,
  canFinish,
  finished,
  geometryOf,
  isCrossed,
  isFull,
  MOST,
  outlineOf,
  placeIn,
  without,
} from '../../src/surfaces/desk/map/sketch'

const ZOOMS = { minzoom: 10, maxzoom: 18 }

describe('the style of a layer that is data', () => {
  it('reads what is right and lets the rest be usual', () => {
    expect(readStyle(null)).toEqual(PLAIN)
    const read = readStyle({
      color: 'red',
      width: 99,
      radius: 8,
      fill_opacity: 0.5,
      by: { values: 1 },
    })
    expect(read).toEqual({ ...PLAIN, radius: 8, fill_opacity: 0.5 })
  })

  it('colours by the values of a field, each once', () => {
    const style = readStyle({
      by: {
        field: 'kind',
        values: [
          { value: 'a', zh: '甲', en: 'A', color: '#112233' },
          { value: 'a', zh: '乙', en: 'B', color: '#445566' },
          { value: 3, zh: '三', en: '', color: '#778899' },
        ],
        other: '#000000',
      },
    })
    const [, points] = drawing('pumps', 'point', style, 'light', ZOOMS)
    expect(points?.paint).toMatchObject({
      'circle-color': [
        'match',
        ['to-string', ['get', 'kind']],
        'a',
        '#445566',
        '3',
        '#778899',
        '#000000',
      ],
    })
  })

  it('draws faces with an outline, lines, names, in their range of scales', () => {
    const style = readStyle({ outline: '#123456', label: 'name', width: 3 })
    const layers = drawing('parks', 'polygon', style, 'dark', ZOOMS)
    expect(layers.map((layer) => [layer.id, layer.type])).toEqual([
      ['parks', 'fill'],
      ['parks_outline', 'line'],
      ['parks_label', 'symbol'],
    ])
    expect(layers.every((layer) => layer.minzoom === 10 && layer.maxzoom === 19)).toBe(true)
  })

  it('draws lines finer from far', () => {
    const [line] = drawing('roads', 'line', readStyle({ width: 4 }), 'light', ZOOMS)
    const width = ['interpolate', ['linear'], ['zoom'], 10, 1.2, 15, 4]
    expect(line?.paint).toMatchObject({ 'line-width': width })
  })

  it('fades numbers, zooms and expressions', () => {
    expect(times(0.8, 0.5)).toBeCloseTo(0.4)
    expect(times(['interpolate', ['linear'], ['zoom'], 10, 0.4, 14, 0.8], 0.5)).toEqual([
      'interpolate',
      ['linear'],
      ['zoom'],
      10,
      0.2,
      14,
      0.4,
    ])
    expect(times(['get', 'o'], 0.5)).toEqual(['*', ['get', 'o'], 0.5])
    const [fill] = drawing('parks', 'polygon', PLAIN, 'light', ZOOMS)
    expect(fill && faded(fill, 0.5).paint).toMatchObject({ 'fill-opacity': 0.125 })
  })
})

function layer(code: string, folder: string): MapLayer {
  const made = layerOf({ code, name_zh: code, folder, shape: 'point', minzoom: 8, maxzoom: 15 })
  if (!made) throw new Error(code)
  return made
}

describe('the tree of layers', () => {
  const layers = [
    layer('cases', ''),
    layer('areas', ''),
    layer('pumps', '排水'),
    layer('pipes', '排水'),
  ]

  it('is drawn in the order in which it is shown', () => {
    const tree = treeOf(layers, NO_CHOICE)
    expect(tree.map((folder) => folder.name)).toEqual(['', '排水'])
    const moved = layerMoved(tree, NO_CHOICE, 'pipes', -1)
    expect(treeOf(layers, moved)[1]?.layers.map((each) => each.code)).toEqual(['pipes', 'pumps'])
    const folders = folderMoved(tree, moved, '排水', -1)
    const after = treeOf(layers, folders)
    expect(after.map((folder) => folder.name)).toEqual(['排水', ''])
    const drawn = after.flatMap((each) => each.layers).map((each) => ({ layer: each, opacity: 1 }))
    const overlays = { density: [], selection: [], notes: [], sketch: [], marks: [] }
    const ids = scene({ theme: 'light', base: null, drawn, cases: '', overlays }).layers.map(
      (each) => each.id,
    )
    expect(ids.indexOf('cases_open')).toBeLessThan(ids.indexOf('pumps'))
    expect(ids.indexOf('pumps')).toBeLessThan(ids.indexOf('pipes'))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has a layer nobody has ordered at the end, and stays where nothing can move', () => {
    const choice = { ...NO_CHOICE, order: ['pipes'] }
    expect(treeOf(layers, choice)[1]?.layers.map((each) => each.code)).toEqual(['pipes', 'pumps'])
    const tree = treeOf(layers, NO_CHOICE)
    expect(layerMoved(tree, NO_CHOICE, 'cases', -1).order).toEqual([
      'cases',
      'areas',
      'pumps',
      'pipes',
    ])
    expect(isTreeChoice({ folders: [], order: [1], opacity: {} })).toBe(false)
  })

  it('knows its range of scales', () => {
    const pumps = layer('pumps', '')
    expect([7.9, 8, 15.9, 16].map((zoom) => inScale(pumps, zoom))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })
})

describe('what is drawn by hand', () => {
  it('is done with a double click, whose two clicks are one corner', () => {
    let sketch = begun('polygon')
    for (const place of [
      [0, 0],
      [1, 0],
      [1, 1],
      [1, 1],
    ] as [number, number][])
      sketch = added(sketch, place)
    expect(sketch.places).toHaveLength(3)
    sketch = finished(sketch)
    expect(sketch.done).toBe(true)
    expect(geometryOf(sketch)?.type).toBe('Polygon')
    expect(added(sketch, [5, 5]).places).toEqual([[5, 5]])
    expect(without(sketch, 0).done).toBe(false)
  })

  it('is never done with an outline that crosses itself, which has no area', () => {
    const drawn = (...places: [number, number][]) => ({
      form: 'polygon' as const,
      places,
      done: false,
    })
    const square = drawn([0, 0], [1, 0], [1, 1], [0, 1])
    expect([isCrossed(square), canFinish(square)]).toEqual([false, true])
    const hollow = drawn([0, 0], [4, 0], [4, 4], [2, 1], [0, 4])
    expect(isCrossed(hollow)).toBe(false)
    const bow = drawn([0, 0], [1, 1], [1, 0], [0, 1])
    expect([isCrossed(bow), canFinish(bow), finished(bow).done]).toEqual([true, false, false])
    // A corner on another side, a side that runs back, three places on one line.
    expect(isCrossed(drawn([0, 0], [4, 0], [4, 4], [2, 0], [0, 4]))).toBe(true)
    expect(isCrossed(drawn([0, 0], [4, 0], [2, 0], [2, 4]))).toBe(true)
    expect(isCrossed(drawn([0, 0], [1, 1], [2, 2]))).toBe(true)
    // A corner in the middle of a straight side is none of these.
    expect(isCrossed(drawn([0, 0], [2, 0], [4, 0], [4, 4]))).toBe(false)
  })

  it('takes so many corners and says when it takes no more', () => {
    let sketch = begun('line')
    for (let n = 0; n < MOST; n += 1) {
      expect(isFull(sketch)).toBe(false)
      sketch = added(sketch, [n / 1000, 0])
    }
    expect([sketch.places.length, isFull(sketch)]).toEqual([MOST, true])
    expect(added(sketch, [9, 9]).places).toHaveLength(MOST)
    expect(isFull(without(sketch, 3))).toBe(false)
    expect(isFull(finished(sketch))).toBe(false)
  })

  it('makes a rectangle and a circle of two corners', () => {
    const rectangle = added(added(begun('rectangle'), [0, 0]), [2, 1])
    expect(rectangle.done).toBe(true)
    expect(outlineOf(rectangle)).toEqual([
      [0, 0],
      [2, 0],
      [2, 1],
      [0, 1],
    ])
    const circle = added(added(begun('circle'), [120, 36]), [120.01, 36])
    expect(outlineOf(circle)).toHaveLength(64)
    expect(finished(added(begun('line'), [0, 0])).done).toBe(false)
  })

  it('reads places as people write them', () => {
    expect(placeIn(' 120.38，36.07 ')).toEqual([120.38, 36.07])
    expect(placeIn('120.38 36.07')).toEqual([120.38, 36.07])
    expect(placeIn('120.38')).toBeNull()
    expect(placeIn('200, 36')).toBeNull()
    for (const nonsense of [',36', '0x10 36', '1e9, 1', 'here, there', '120.38, 36.07, 4']) {
      expect(placeIn(nonsense), nonsense).toBeNull()
    }
  })

  it('keeps only notes that are notes', () => {
    const note = {
      id: 'a',
      kind: 'point',
      text: '',
      geometry: { type: 'Point', coordinates: [1, 2] },
    }
    expect(readNotes(JSON.stringify([note, { id: 'b' }, null]))).toEqual([note])
    expect(readNotes('{')).toEqual([])
  })

  it('knows which notes lie on a sheet, in part or whole', () => {
    const note = (id: string, geometry: Note['geometry']): Note => {
      return { id, kind: 'point', text: '', geometry }
    }
    const ring = [
      [0, 0],
      [9, 0],
      [9, 9],
      [0, 0],
    ]
    const notes = [
      note('inside', { type: 'Point', coordinates: [1.5, 1.5] }),
      note('beside', { type: 'Point', coordinates: [3, 1.5] }),
      note('around', { type: 'Polygon', coordinates: [ring] }),
      note('across', { type: 'LineString', coordinates: [ring[0] ?? [], [1.2, 5]] }),
      note('above', { type: 'LineString', coordinates: [ring[1] ?? [], ring[2] ?? []] }),
    ]
    expect(within(notes, [1, 1, 2, 2]).map((each) => each.id)).toEqual([
      'inside',
      'around',
      'across',
    ])
  })
})

describe('density and basemap', () => {
  it('makes at most five classes, of different numbers', () => {
    expect(breaksOf([1, 1, 1, 1, 2, 9])).toEqual([1, 2, 9])
    expect(breaksOf([0, null])).toEqual([])
    expect(coloursOf('light', 3)).toHaveLength(3)
  })

  it('calls cells by the address of their middle, wide ones by their areas', () => {
    const area = (level: 'city' | 'district' | 'street' | 'community', name: string) => {
      return { code: name, name_zh: name, name_en: '', level, ancestors: [] }
    }
    const areas = [
      area('city', '青岛市'),
      area('district', '市南区'),
      area('street', '八大湖街道'),
      area('community', '湛山社区'),
    ]
    const nearest_address = {
      full_text: '青岛市市南区湘潭路149号',
      kind: 'doorplate',
      distance_m: 12,
    }
    expect(placeName({ areas, nearest_address }, '9')).toBe('市南区湘潭路149号')
    expect(placeName({ areas, nearest_address: null }, '9')).toBe('八大湖街道 · 湛山社区')
    expect(placeName({ areas, nearest_address }, '6')).toBe('市南区 · 八大湖街道')
    expect(placeName({ areas: [], nearest_address: null }, '8')).toBe('')
  })

  it('composes the tiles of a shifted basemap only', () => {
    const base = (datum: string) =>
      basemapOf({
        kind: 'xyz',
        tiles: ['https://t.example/{z}/{x}/{y}.png'],
        datum,
        attribution: '',
        maxzoom: 18,
      })
    const tiles = (datum: string) => JSON.stringify(basemapParts(base(datum), 'light').sources)
    expect(tiles('wgs84')).toContain('https://t.example/{z}/{x}/{y}.png')
    expect(tiles('gcj02')).toContain('shifted://gcj02/{z}/{x}/{y}?https')
    expect(basemapOf({ kind: 'none' })).toBeNull()
  })
})
