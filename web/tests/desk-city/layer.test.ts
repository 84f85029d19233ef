import { describe, expect, test } from 'vitest'
import { PLAIN } from '../../src/map/vocabulary'
import { bodyOf, folders, type LayerRow, moved, NEW } from '../../src/surfaces/desk/layers/layer'

function layer(code: string, folder = '', program = false): LayerRow {
  return {
    code,
    folder,
    program,
    name_zh: code,
    name_en: '',
    about: '',
    position: 0,
    shape: 'point',
    style: null,
    legend: [],
    minzoom: 0,
    maxzoom: 22,
    opacity: 1,
    visible: false,
    time_field: '',
    fields: [],
    access: 'signed_in',
    roads: false,
    organisation: null,
    editable: true,
  }
}

const TREE = [layer('cases', '', true), layer('a', '应急'), layer('b', '应急'), layer('c')]

describe('a layer', () => {
  test('keeps its code and shape once it is there', () => {
    const values = { ...NEW, code: 'wells', name_zh: '消火栓' }
    expect(bodyOf(values, true)).toMatchObject({ code: 'wells', shape: 'point' })
    expect(bodyOf(values, false)).not.toHaveProperty('code')
    expect(bodyOf(values, false)).not.toHaveProperty('shape')
  })
  test('colours without a value are no colours, and what is public is for every post', () => {
    const style = { ...PLAIN, by: { field: 'kind', values: [], other: '#888888' } }
    const body = bodyOf({ ...NEW, style, access: 'public', roles: ['leader'] }, false)
    expect(body).toMatchObject({ style: { by: null }, roles: [] })
  })
})

describe('the tree', () => {
  test('what lies in no folder comes first', () => {
    expect(folders(TREE.slice(1)).map(([folder]) => folder)).toEqual(['', '应急'])
  })
  test('layers change places within their folder only', () => {
    expect(moved(TREE, 'b', -1)).toEqual([
      { code: 'b', folder: '应急' },
      { code: 'a', folder: '应急' },
    ])
    expect(moved(TREE, 'a', -1)).toBeNull()
    expect(moved(TREE, 'c', 1)).toBeNull()
  })
})
