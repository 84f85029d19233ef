/** A scheme as it is written: weights that sum to 100, grades that fall to 0. */
import { listOf } from '../../search'
import { KINDS, type Kind, POSTS } from '../search'

export interface Weight {
  code: string
  /** As typed. */
  weight: string
  reverse: boolean
}

export interface GradeEntry {
  grade: string
  from: string
  colour: string
}

export interface Scheme {
  code: string
  kind: Kind
  role: string
  nameZh: string
  nameEn: string
  weights: Weight[]
  grades: GradeEntry[]
}

interface SchemeOut {
  code: string
  kind: string
  role: string
  name_zh: string
  name_en: string
  weights: Record<string, unknown>
  grades: Record<string, unknown>[]
}

export const CODE = /^[a-z0-9_-]{1,40}$/

export function schemeOf(out: SchemeOut): Scheme {
  return {
    code: out.code,
    kind: KINDS.find((kind) => kind === out.kind) ?? 'region',
    role: out.role,
    nameZh: out.name_zh,
    nameEn: out.name_en,
    weights: Object.entries(out.weights)
      .map(([code, entry]) => ({
        code,
        weight: text(part(entry, 'weight')),
        reverse: part(entry, 'reverse') === true,
      }))
      .sort((a, b) => Number(b.weight) - Number(a.weight)),
    grades: out.grades.map((entry) => ({
      grade: text(entry.grade),
      from: text(entry.from),
      colour: text(entry.colour),
    })),
  }
}

/** An empty one of a kind, with the grades of another. */
export function newScheme(kind: Kind, grades: GradeEntry[]): Scheme {
  return {
    code: '',
    kind,
    role: kind === 'post' ? POSTS[0] : '',
    nameZh: '',
    nameEn: '',
    weights: [{ code: '', weight: '100', reverse: false }],
    grades: grades.length ? grades : [{ grade: 'A', from: '0', colour: '' }],
  }
}

/** What goes to the server, but for the code. */
export function bodyOf(scheme: Scheme) {
  return {
    kind: scheme.kind,
    role: scheme.kind === 'post' ? scheme.role : '',
    name_zh: scheme.nameZh.trim(),
    name_en: scheme.nameEn.trim(),
    weights: Object.fromEntries(
      scheme.weights.map((each) => [
        each.code,
        { weight: Number(each.weight), reverse: each.reverse },
      ]),
    ),
    grades: scheme.grades.map((each) => ({
      grade: each.grade.trim(),
      from: Number(each.from),
      colour: each.colour,
    })),
  }
}

export function sumOf(scheme: Scheme): number {
  const sum = scheme.weights.reduce((total, each) => total + (Number(each.weight) || 0), 0)
  return Math.round(sum * 1e9) / 1e9
}

export type Fault =
  | 'code'
  | 'names'
  | 'indicator'
  | 'twice'
  | 'weight'
  | 'sum'
  | 'grade'
  | 'falling'

/** What the server would refuse; it has the last word. */
export function faultsOf(scheme: Scheme): Fault[] {
  const faults = new Set<Fault>()
  if (!CODE.test(scheme.code)) faults.add('code')
  if (!scheme.nameZh.trim() || !scheme.nameEn.trim()) faults.add('names')
  const codes = scheme.weights.map((each) => each.code)
  if (codes.length === 0 || codes.includes('')) faults.add('indicator')
  if (new Set(codes).size < codes.length) faults.add('twice')
  const sound = scheme.weights.every(({ weight }) => Number(weight) > 0 && Number(weight) <= 100)
  if (!sound) faults.add('weight')
  else if (sumOf(scheme) !== 100) faults.add('sum')
  if (scheme.grades.some(({ grade }) => !grade.trim() || grade.trim().length > 8)) {
    faults.add('grade')
  }
  const edges = scheme.grades.map(({ from }) => (from.trim() === '' ? Number.NaN : Number(from)))
  const falls = edges.every((edge, n) => edge >= 0 && edge <= 100 && edge < (edges[n - 1] ?? 101))
  if (!falls || edges.at(-1) !== 0) faults.add('falling')
  return [...faults]
}

const PREFIX = 'chengyun.draft'

export function draftKey(person: number, open: string): string {
  return `${PREFIX}.${person}.evaluation.${open}`
}

export function keepDraft(key: string, scheme: Scheme): void {
  try {
    localStorage.setItem(key, JSON.stringify(scheme))
  } catch {
    // A full or forbidden store: the form itself still holds the words.
  }
}

export function dropDraft(key: string): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // As above.
  }
}

/** What was typed and not yet saved; null where there is nothing of use. */
export function readDraft(key: string): Scheme | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    const kind = KINDS.find((each) => each === part(kept, 'kind'))
    const weights = part(kept, 'weights')
    const grades = part(kept, 'grades')
    if (!kind || !Array.isArray(weights) || !Array.isArray(grades)) return null
    return {
      kind,
      code: text(part(kept, 'code')),
      role: listOf(part(kept, 'role'))[0] ?? '',
      nameZh: text(part(kept, 'nameZh')),
      nameEn: text(part(kept, 'nameEn')),
      weights: weights.map((each: unknown) => ({
        code: text(part(each, 'code')),
        weight: text(part(each, 'weight')),
        reverse: part(each, 'reverse') === true,
      })),
      grades: grades.map((each: unknown) => ({
        grade: text(part(each, 'grade')),
        from: text(part(each, 'from')),
        colour: text(part(each, 'colour')),
      })),
    }
  } catch {
    return null
  }
}

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
