/** The files of words: every word is said somewhere, and English has what Chinese has. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = normalize(join(import.meta.dirname, '../src'))
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
const CODE = FILES.filter((name) => /\.tsx?$/.test(name) && name !== 'api/schema.ts').map(
  (name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }),
)
const WORDS = FILES.filter((name) => name.endsWith('zh.json')).map((name) => dirname(name))

function keysOf(folder: string, language: string): string[] {
  return Object.keys(JSON.parse(readFileSync(join(SRC, folder, `${language}.json`), 'utf8')))
}

/** What may say the words of a folder: all that lies below it, and what imports its words. */
function speakers(folder: string): string[] {
  const sources = [join(SRC, folder, 'words'), join(SRC, folder, 'text')]
  return CODE.filter(({ name, text }) => {
    if (name.startsWith(`${folder}/`)) return true
    const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map((found) => found[1] ?? '')
    return imported.some((path) => sources.includes(normalize(join(SRC, dirname(name), path))))
  }).map(({ text }) => text)
}

/** Keys as they are written, and the beginnings and ends of those that are put together. */
function saidIn(texts: string[]): (key: string) => boolean {
  const whole = new Set<string>()
  const shapes: RegExp[] = []
  for (const text of texts) {
    for (const [, key = ''] of text.matchAll(/['"](\w+)['"]/g)) whole.add(key)
    for (const [, kind] of text.matchAll(/\bword\(\s*'(\w+)'/g)) shapes.push(RegExp(`^${kind}_`))
    for (const [, made = ''] of text.matchAll(/`(\w*(?:\$\{[^`}]+\}\w*)+)`/g)) {
      const shape = made.replace(/\$\{[^}]+\}/g, '.+')
      if (shape.includes('_')) shapes.push(RegExp(`^${shape}$`))
    }
  }
  return (key) => whole.has(key) || shapes.some((shape) => shape.test(key))
}

describe.each(WORDS)('the words of %s', (folder) => {
  test('each is said somewhere', () => {
    const said = saidIn(speakers(folder))
    const words = keysOf(folder, 'zh').filter((key) => !key.endsWith('_one'))
    expect(words.filter((key) => !said(key))).toEqual([])
  })

  test('English has the same, and forms for one of them', () => {
    const chinese = keysOf(folder, 'zh')
    const english = keysOf(folder, 'en')
    expect(chinese.filter((key) => !english.includes(key))).toEqual([])
    const more = english.filter((key) => !chinese.includes(key))
    expect(more.filter((key) => !chinese.includes(key.replace(/_one$/, '')))).toEqual([])
  })
})
