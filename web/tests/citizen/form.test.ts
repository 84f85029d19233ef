import { describe, expect, test } from 'vitest'
import { speak } from '../../src/app/language'
import type { Matter, Place } from '../../src/surfaces/citizen/answers'
import { blank, type Spot } from '../../src/surfaces/citizen/draft'
import { ratingIn } from '../../src/surfaces/citizen/Rating'
import { qrOf } from '../../src/surfaces/citizen/receipt'
import { classesOf } from '../../src/surfaces/citizen/report/MatterSheet'
import { firstProblem, problemsOf } from '../../src/surfaces/citizen/report/problems'
import { addressAt, areaWords, metresBetween } from '../../src/surfaces/citizen/report/usePlace'
import { worthAsking } from '../../src/surfaces/citizen/report/useSuggestions'

const SPOT: Spot = { lon: 120.38, lat: 36.07, system: 'cgcs2000', source: 'map', accuracy: null }

function place(distance: number | null, inside = true): Place {
  const area = (code: string, level: string, name_zh: string, name_en: string) => ({
    code,
    level,
    name_zh,
    name_en,
    ancestors: [code],
  })
  return {
    lon: 120.38,
    lat: 36.07,
    inside,
    unit_grid: null,
    duty_grids: [],
    areas: inside
      ? [
          area('1', 'city', '青岛市', 'Qingdao'),
          area('2', 'district', '市南区', 'Shinan'),
          area('3', 'street', '金湖路街道', ''),
        ]
      : [],
    nearest_address:
      distance === null ? null : { full_text: '香港中路12号', kind: 'door', distance_m: distance },
  }
}

describe('what is missing', () => {
  test('a place and words, in the order of the page', () => {
    const found = problemsOf(blank(), undefined)
    expect(Object.keys(found)).toEqual(['where', 'text'])
    expect(firstProblem(found)).toBe('report-address')
  })

  test('an address in words is place enough, and no class is asked for', () => {
    expect(problemsOf({ ...blank(), text: '井盖', address: '香港中路' }, undefined)).toEqual({})
  })

  test('a place outside the city, once it is known', () => {
    const draft = { ...blank(), text: '井盖', spot: SPOT, address: '某处' }
    expect(problemsOf(draft, undefined)).toEqual({})
    expect(firstProblem(problemsOf(draft, place(null, false)))).toBe('report-address')
  })

  test.each([
    ['', true],
    ['12', true],
    ['138 0013 8000', false],
    ['+86-532-12345678', false],
    ['1'.repeat(25), true],
  ])('who leaves a contact leaves a number: %j', (phone, wrong) => {
    const draft = { ...blank(), text: '井盖', address: '某路', anonymous: false, phone }
    expect('contact' in problemsOf(draft, undefined)).toBe(wrong)
  })
})

describe('the place in words', () => {
  test('at the door, near it, or only the area', async () => {
    await speak('zh')
    expect(addressAt(place(8))).toEqual({ text: '香港中路12号', near: false })
    expect(addressAt(place(80))).toEqual({ text: '香港中路12号', near: true })
    expect(addressAt(place(800))).toEqual({ text: '青岛市市南区金湖路街道', near: false })
    expect(areaWords(place(1))).toBe('市南区 · 金湖路街道')
  })

  test('English falls back to the Chinese name', async () => {
    await speak('en')
    expect(areaWords(place(1))).toBe('Shinan · 金湖路街道')
    await speak('zh')
  })

  test('a hundred metres are a hundred metres', () => {
    expect(metresBetween(SPOT, { lon: 120.38, lat: 36.0709 })).toBeCloseTo(100, 0)
    expect(metresBetween(SPOT, { lon: 120.38111, lat: 36.07 })).toBeCloseTo(100, 0)
  })
})

describe('kinds of problem', () => {
  const matter = (id: number, class_code: string, name_zh: string, aliases: string[] = []) =>
    ({
      id,
      class_code,
      class_zh: `类${class_code}`,
      class_en: `Class ${class_code}`,
      name_zh,
      name_en: `Matter ${id}`,
      aliases,
    }) satisfies Matter
  const all = [
    matter(1, '01', '路灯异常'),
    matter(2, '02', '井盖异常', ['窨井']),
    matter(3, '01', '道路'),
  ]

  test('are grouped by class and found by every name', () => {
    expect(classesOf(all, '').map((each) => [each.code, each.matters.length])).toEqual([
      ['01', 2],
      ['02', 1],
    ])
    const found = (words: string) => classesOf(all, words).flatMap((each) => each.matters)
    expect(found('窨井').map((each) => each.id)).toEqual([2])
    expect(found('MATTER 3').map((each) => each.id)).toEqual([3])
    expect(found('类01').map((each) => each.id)).toEqual([1, 3])
    expect(found('没有')).toEqual([])
  })
})

test('a word or two is needed before anything is compared', () => {
  const question = { text: ' 灯 ', lon: null, lat: null, address: '', matter: null }
  expect(worthAsking(question)).toBe(false)
  expect(worthAsking({ ...question, text: '路灯' })).toBe(true)
})

test('a QR code has its quiet border and three finders', () => {
  const { size, path } = qrOf('https://city.example/follow/R20261122ABCDEFGH?code=CODECODE')
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)/g)].map((hit) => `${hit[1]},${hit[2]}`))
  expect(dark.has('4,4')).toBe(true)
  expect(dark.has(`${size - 5},4`)).toBe(true)
  expect(dark.has(`4,${size - 5}`)).toBe(true)
  for (const each of dark) {
    const [x = 0, y = 0] = each.split(',').map(Number)
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(4)
    expect(Math.max(x, y)).toBeLessThan(size - 4)
  }
})

test('a rating that was begun is read as far as it makes sense', () => {
  expect(ratingIn({ answered: 'yes', solved: true, note: '谢谢' })).toEqual({
    answered: 'yes',
    solved: null,
    satisfied: null,
    note: '谢谢',
  })
  expect(ratingIn('broken')).toMatchObject({ note: '' })
})
