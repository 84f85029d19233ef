import { beforeEach, describe, expect, test } from 'vitest'
import {
  bodyOf,
  draftKey,
  dropDraft,
  faultsOf,
  keepDraft,
  newScheme,
  readDraft,
  type Scheme,
  schemeOf,
  sumOf,
} from '../../src/surfaces/desk/evaluation/schemes/scheme'

const GOOD: Scheme = {
  code: 'my-scheme_2',
  kind: 'region',
  role: '',
  nameZh: '方案',
  nameEn: 'Scheme',
  weights: [
    { code: 'closing_rate', weight: '33.3', reverse: false },
    { code: 'late_rate', weight: '66.7', reverse: true },
  ],
  grades: [
    { grade: 'A', from: '90', colour: '#2e7d32' },
    { grade: 'B', from: '0', colour: '' },
  ],
}

beforeEach(() => localStorage.clear())

describe('a scheme', () => {
  test('goes to the server as it was typed, and comes back', () => {
    const body = bodyOf(GOOD)
    expect(body.weights).toEqual({
      closing_rate: { weight: 33.3, reverse: false },
      late_rate: { weight: 66.7, reverse: true },
    })
    const back = schemeOf({ code: GOOD.code, ...body })
    expect(back.weights.map((each) => each.code)).toEqual(['late_rate', 'closing_rate'])
    expect({ ...back, weights: GOOD.weights }).toEqual(GOOD)
  })

  test('sums as people do, not as binary fractions do', () => {
    const tenths = Array.from({ length: 10 }, (_, n) => ({
      code: `r${n}`,
      weight: '10.1',
      reverse: false,
    }))
    expect(sumOf({ ...GOOD, weights: tenths })).toBe(101)
    expect(faultsOf(GOOD)).toEqual([])
  })

  test.each<[string, Partial<Scheme>]>([
    ['code', { code: 'Big' }],
    ['code', { code: '' }],
    ['names', { nameEn: '  ' }],
    ['indicator', { weights: [] }],
    ['indicator', { weights: [{ code: '', weight: '100', reverse: false }] }],
    ['twice', { weights: [1, 2].map(() => ({ code: 'a', weight: '50', reverse: false })) }],
    ['weight', { weights: [{ code: 'a', weight: '-5', reverse: false }] }],
    ['weight', { weights: [{ code: 'a', weight: 'ten', reverse: false }] }],
    ['sum', { weights: [{ code: 'a', weight: '99', reverse: false }] }],
    ['grade', { grades: [{ grade: ' ', from: '0', colour: '' }] }],
    ['falling', { grades: [{ grade: 'A', from: '', colour: '' }] }],
    ['falling', { grades: [{ grade: 'A', from: '10', colour: '' }] }],
    [
      'falling',
      {
        grades: [
          { grade: 'A', from: '0', colour: '' },
          { grade: 'B', from: '0', colour: '' },
        ],
      },
    ],
    ['falling', { grades: [] }],
  ])('says its fault: %s', (fault, change) => {
    expect(faultsOf({ ...GOOD, ...change })).toContain(fault)
  })

  test('a new one of a post names a post', () => {
    expect(newScheme('post', []).role).not.toBe('')
    expect(newScheme('region', GOOD.grades).grades).toEqual(GOOD.grades)
  })
})

describe('what was typed', () => {
  test('is kept for each person and scheme, and gone when saved', () => {
    const key = draftKey(7, '+')
    keepDraft(key, GOOD)
    expect(readDraft(key)).toEqual(GOOD)
    expect(readDraft(draftKey(8, '+'))).toBeNull()
    expect(readDraft(draftKey(7, 'region'))).toBeNull()
    dropDraft(key)
    expect(readDraft(key)).toBeNull()
  })

  test.each(['', '{', '[]', 'null', '{"kind":"region"}', '{"kind":"x","weights":[],"grades":[]}'])(
    'of another version does no harm: %s',
    (kept) => {
      localStorage.setItem('k', kept)
      expect(readDraft('k')).toBeNull()
    },
  )
})
