// @vitest-environment node
import { describe, expect, test, vi } from 'vitest'
import { basemapOf } from '../../src/map/basemap'
import { baseTilesOf, isOurs } from '../../src/offline/basemap'
import { MOST_BASE_TILES } from '../../src/offline/choice'
import { keepTiles } from '../../src/offline/fetching'
import { around, type Box } from '../../src/offline/tiles'
import { orKept } from '../../src/offline/worker/patient'

const HERE: Box = around(120.345, 36.05)

function base(more: object = {}) {
  const made = basemapOf({
    kind: 'pmtiles',
    tiles: ['/basemap/{z}/{x}/{y}'],
    formats: ['vector'],
    datum: 'cgcs2000',
    maxzoom: 15,
    ...more,
  })
  if (!made) throw new Error('no basemap')
  return made
}

const zooms = (addresses: string[]) => [
  ...new Set(addresses.map((address) => Number(/\d+/.exec(address)?.[0]))),
]

describe('the tiles of the basemap that are kept', () => {
  test('shapes from zoom 6 to 15, pictures to 17, coarse ones first, each once', () => {
    const shapes = baseTilesOf(base(), [HERE, HERE])
    expect(shapes[0]).toBe('/basemap/6/53/25')
    expect(zooms(shapes)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(new Set(shapes).size).toBe(shapes.length)
    const pictures = baseTilesOf(base({ formats: ['raster'], maxzoom: 18 }), [HERE])
    expect(zooms(pictures)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])
  })

  test('none below the deepest there is, and at least those of a coarse map', () => {
    expect(zooms(baseTilesOf(base({ maxzoom: 13 }), [HERE])).at(-1)).toBe(13)
    expect(zooms(baseTilesOf(base({ formats: ['raster'], maxzoom: 5 }), [HERE]))).toEqual([5])
  })

  test('of a shifted map all those that its tiles are put together of', () => {
    const point: Box = [120.345, 36.05, 120.345, 36.05]
    const plain = base({ formats: ['raster'], maxzoom: 17 })
    const finest = (datum: 'wgs84' | 'gcj02') =>
      baseTilesOf({ ...plain, datum }, [point]).filter((each) => each.includes('/17/'))
    // 540 metres lie between them: none of theirs is ours, and it takes four.
    const ours = finest('wgs84')
    expect(ours).toHaveLength(1)
    expect(finest('gcj02')).toHaveLength(4)
    expect(finest('gcj02')).not.toContain(ours[0])
  })

  test('nothing of a host elsewhere, whose terms forbid it', () => {
    const tianditu = 'https://t0.tianditu.gov.cn/vec_w/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}'
    for (const address of [tianditu, '//tiles.example/{z}/{x}/{y}.png']) {
      expect(isOurs(address)).toBe(false)
      expect(baseTilesOf(base({ kind: 'xyz', tiles: [address] }), [HERE])).toEqual([])
    }
    const both = base({ kind: 'xyz', tiles: [tianditu, '/own?z={z}&x={x}&y={y}'], maxzoom: 6 })
    const found = baseTilesOf({ ...both, formats: ['raster', 'raster'] }, [HERE])
    expect(found).toEqual(['/own?z=6&x=53&y=25'])
  })

  test('a whole province is cut', () => {
    expect(baseTilesOf(base(), [[114, 34, 123, 39]])).toHaveLength(MOST_BASE_TILES)
  })
})

describe('keeping them', () => {
  /** The part of a browser's cache that is used. */
  function cache(kept: string[]) {
    const held = new Set(kept)
    const of = (request: Request | string) =>
      typeof request === 'string' ? request : request.url.replace('http://city', '')
    return {
      held,
      put: async (request: string) => void held.add(of(request)),
      delete: async (request: Request) => held.delete(of(request)),
      keys: async () => [...held].map((address) => new Request(`http://city${address}`)),
    }
  }

  test('ends with the space set for it, and drops what another day needed', async () => {
    vi.stubGlobal('fetch', async () => new Response(new Uint8Array(100)))
    const store = cache(['/own?z=1&x=0&y=0', '/own?z=1&x=1&y=0'])
    const wanted = Array.from({ length: 40 }, (_, x) => `/own?z=1&x=${x + 1}&y=0`)
    const tell = vi.fn()
    const bytes = await keepTiles(
      store as unknown as Cache,
      wanted,
      tell,
      new AbortController().signal,
      1_000,
    )
    vi.unstubAllGlobals()
    expect(bytes).toBeGreaterThanOrEqual(1_000)
    expect(bytes).toBeLessThan(1_500)
    expect(store.held.has('/own?z=1&x=0&y=0')).toBe(false)
    expect(store.held.has('/own?z=1&x=1&y=0')).toBe(true)
    expect(tell).toHaveBeenLastCalledWith(40, 40)
  })
})

describe('what was kept is answered', () => {
  const kept = new Response('kept')
  const said = async (asked: Promise<Response>, patience = 1_000) =>
    (await orKept(asked, kept.clone(), patience)).text()

  test('when the network fails, is silent, or the server is broken', async () => {
    expect(await said(Promise.resolve(new Response('new')))).toBe('new')
    expect(await said(Promise.reject(new TypeError('offline')))).toBe('kept')
    expect(await said(new Promise(() => undefined), 5)).toBe('kept')
    expect(await said(Promise.resolve(new Response('', { status: 503 })))).toBe('kept')
  })
  test('and where nothing is, the network says what it says', async () => {
    await expect(orKept(Promise.reject(new TypeError('offline')), undefined, 5)).rejects.toThrow()
  })
})
