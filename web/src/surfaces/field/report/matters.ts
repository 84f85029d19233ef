/** Finding a class by a few letters. */
import type { Matter } from '../tasks/read'

export const MOST_FOUND = 12

/** Matters that have all the words, in names, classes or aliases; names that begin so come first. */
export function findMatters(matters: readonly Matter[], typed: string): Matter[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const first = words[0]
  if (!first) return []
  const text = (each: Matter) =>
    [each.name_zh, each.name_en, each.class_zh, each.class_en, ...each.aliases]
      .join(' ')
      .toLowerCase()
  const rank = (each: Matter) => {
    const names = [each.name_zh.toLowerCase(), each.name_en.toLowerCase()]
    if (names.some((name) => name.startsWith(first))) return 0
    return names.some((name) => name.includes(first)) ? 1 : 2
  }
  return matters
    .filter((each) => words.every((word) => text(each).includes(word)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST_FOUND)
}
