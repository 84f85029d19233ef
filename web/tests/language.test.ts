import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pick, speak, withWords, words } from '../src/app/language'

const zh = { open: '打开 {name}', cases: '{count} 件', only: '仅中文' }
const en = { open: 'Open {name}', cases: '{count} cases', cases_one: 'one case', only: '' }
const { t } = words(zh, async () => en)

describe('the words of a surface', () => {
  test('Chinese needs no loading, and values are written in', async () => {
    await speak('zh')
    expect(t('open', { name: '案件' })).toBe('打开 案件')
    expect(t('cases', { count: 12345 })).toBe('12,345 件')
    expect(pick('甲', 'A')).toBe('甲')
  })

  test('English has a form for one', async () => {
    await speak('en')
    expect(t('cases', { count: 1 })).toBe('one case')
    expect(t('cases', { count: 2 })).toBe('2 cases')
    expect(pick('甲', '')).toBe('甲')
    expect(document.documentElement.lang).toBe('en-GB')
  })

  test('an unknown placeholder stays visible instead of becoming nothing', async () => {
    await speak('zh')
    expect(t('open', {})).toBe('打开 {name}')
  })
})

function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((file) => file.isFile() && file.name === 'zh.json')
    .map((file) => join(file.parentPath, file.name))
}

describe.each(jsonFiles(join(import.meta.dirname, '../src')))('%s', (path) => {
  const chinese: Record<string, string> = JSON.parse(readFileSync(path, 'utf8'))
  const english: Record<string, string> = JSON.parse(
    readFileSync(path.replace('zh.json', 'en.json'), 'utf8'),
  )
  test('has the same keys and placeholders in English, and no Chinese left there', () => {
    const plain = Object.keys(english).filter((key) => !key.endsWith('_one'))
    expect(plain.sort()).toEqual(Object.keys(chinese).sort())
    const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]).sort()
    for (const [key, text] of Object.entries(chinese)) {
      expect(holes(english[key] ?? ''), key).toEqual(holes(text))
      if (!/language/.test(key)) expect(english[key], key).not.toMatch(/[\u4e00-\u9fff]/)
    }
  })
})

test('no component has a text of its own: every Chinese word comes from a words file', () => {
  const allowed =
    /app\/(actor|phase|time|language)\.tsx?$|problem\.ts$|map\/(style|ground)\.ts$|schema\.ts$/
  const source = join(import.meta.dirname, '../src')
  for (const file of readdirSync(source, { withFileTypes: true, recursive: true })) {
    const path = join(file.parentPath, file.name)
    if (!file.isFile() || !/\.tsx?$/.test(path) || allowed.test(path)) continue
    const code = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    expect(code.match(/.*[\u4e00-\u9fff].*/)?.[0] ?? '', path).toBe('')
  }
})

test('words that are loaded after English was chosen are English too', async () => {
  await speak('en')
  const late = await withWords(
    Promise.resolve(words({ hello: '你好' }, async () => ({ hello: 'Hello' }))),
  )
  expect(late.t('hello')).toBe('Hello')
  await speak('zh')
})
