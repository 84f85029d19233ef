/**
 * Chinese and English. Chinese is in the bundle, English is loaded when chosen; the keys of both
 * are one type, so that a missing translation does not compile. 60 lines instead of a library:
 * the phone pages have 90 kB in all.
 */
import { useSyncExternalStore } from 'react'

export type Language = 'zh' | 'en'
export type Words = Record<string, string>
export type Values = Record<string, string | number>

const KEY = 'chengyun.language'
const listeners = new Set<() => void>()
const loaders = new Set<() => Promise<void>>()
let current: Language = 'zh'
/** How often the words have changed: another language, or more of the same. */
let told = 0

export function language(): Language {
  return current
}

/** BCP 47, for `lang`, `Accept-Language` and `Intl`. */
export function locale(): string {
  return current === 'zh' ? 'zh-CN' : 'en-GB'
}

/** The language chosen in this browser, else the one the server put on the page; Chinese where the
 * English words did not arrive: a page in the wrong language is better than none. */
export async function restoreLanguage(): Promise<void> {
  // The server's pages (sign-in) have their switch too: the cookie is what was chosen last.
  let kept = /(?:^|; )django_language=([\w-]+)/.exec(document.cookie)?.[1] ?? null
  try {
    kept ??= localStorage.getItem(KEY)
  } catch {
    // A browser that keeps nothing speaks what the server says.
  }
  const wanted = kept ?? document.documentElement.lang
  if (wanted.startsWith('en')) await speak('en').catch(() => undefined)
  else await speak('zh')
}

export async function speak(wanted: Language): Promise<void> {
  if (wanted === 'en') await loadEnglish()
  current = wanted
  document.documentElement.lang = locale()
  const code = wanted === 'zh' ? 'zh-hans' : 'en'
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs HTTPS
  document.cookie = `django_language=${code}; path=/; max-age=31536000; samesite=lax`
  try {
    localStorage.setItem(KEY, wanted)
  } catch {
    // As above.
  }
  tell()
}

/** Where nothing is shown, as in a service worker, and somebody else knows what is spoken. */
export function assume(wanted: Language): void {
  current = wanted
}

function tell(): void {
  told += 1
  for (const listener of listeners) listener()
}

/** The English words of everything that is on the page by now. */
export async function loadEnglish(): Promise<void> {
  await Promise.all([...loaders].map((load) => load()))
}

/** For a part of the page that is loaded later: gives it when its words are there too. */
export async function withWords<T>(part: Promise<T>): Promise<T> {
  const loaded = await part
  if (current === 'en') await loadEnglish()
  return loaded
}

export function useLanguage(): Language {
  useSyncExternalStore(subscribe, () => told)
  return current
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** `zh` if that is spoken, else `en` (or `zh` where nobody translated it). */
export function pick(zh: string | null | undefined, en: string | null | undefined): string {
  return (current === 'zh' ? zh : en || zh) ?? ''
}

/** The name of anything that has `name_zh` and `name_en`. */
export function named(
  thing: { name_zh: string; name_en: string } | null | undefined,
  otherwise = '',
): string {
  return thing ? pick(thing.name_zh, thing.name_en) : otherwise
}

/**
 * The words of one surface. `t('cases', { count: 3 })` takes `cases_one` for a single thing where
 * the language has such a form; `{name}` in a text is replaced, numbers are written as is usual.
 */
export function words<Z extends Words>(zh: Z, english: () => Promise<Record<keyof Z, string>>) {
  type Key = Exclude<keyof Z & string, `${string}_one`>
  let en: Words | null = null
  const load = async () => {
    en ??= await english()
  }
  loaders.add(load)
  // A chunk that came after English was chosen; `withWords` keeps it from being seen without.
  if (current === 'en') load().then(tell, () => undefined)
  function t(key: Key, values?: Values): string {
    const table: Words = current === 'en' && en ? en : zh
    const count = values?.count
    const single = current === 'en' && count === 1 ? table[`${key}_one`] : undefined
    const text = single ?? table[key] ?? key
    if (!values) return text
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name]
      if (value === undefined) return whole
      return typeof value === 'number' ? value.toLocaleString(locale()) : value
    })
  }
  function useT(): typeof t {
    useLanguage()
    return t
  }
  return { t, useT }
}
