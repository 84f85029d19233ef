/** What filters offer: areas, matters, departments. They change rarely and are read once. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, type Schemas, send, take } from '../../../api/client'
import { named, useLanguage } from '../../../app/language'

type Area = Schemas['AreaOut']
/** A matter of an edition. */
export interface Matter {
  token: string
  class_code: string
  class_zh: string
  class_en: string
  name_zh: string
  name_en: string
}
type Organisation = Schemas['OrganisationOut']

export interface Branch {
  value: string
  title: string
  children?: Branch[]
}

const HOUR = 3_600_000

/** Every page of a list that is read whole. */
async function whole<T>(
  read: (cursor?: string) => Promise<{ items: T[]; next?: string | null }>,
): Promise<T[]> {
  const found: T[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    found.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor)
  return found
}

async function readAreas(): Promise<Area[]> {
  const of = (level: 'district' | 'street') =>
    whole((cursor) =>
      take(api.GET('/api/areas', { params: { query: { level, limit: 200, cursor } } })),
    )
  const [districts, streets] = await Promise.all([of('district'), of('street')])
  return [...districts, ...streets]
}

async function readMatters(): Promise<Matter[]> {
  const editions = await take(api.GET('/api/editions'))
  const edition = editions.find((each) => each.is_default) ?? editions[0]
  if (!edition) return []
  const response = await send(`/api/editions/${encodeURIComponent(edition.code)}/matters`)
  return (await response.json()) as Matter[]
}

const HANDLING = new Set(['department', 'street', 'company'])

async function readDepartments(): Promise<Organisation[]> {
  const all = await whole((cursor) =>
    take(api.GET('/api/organisations', { params: { query: { limit: 200, cursor } } })),
  )
  return all.filter((body) => body.active && HANDLING.has(body.kind))
}

function useOnce<T>(name: string, queryFn: () => Promise<T>, enabled: boolean) {
  return useQuery({
    queryKey: ['choices', name],
    queryFn,
    enabled,
    staleTime: HOUR,
    gcTime: HOUR,
    refetchOnWindowFocus: false,
  }).data
}

/** Districts with their streets. */
export function areaTree(areas: readonly Area[]): Branch[] {
  const branches = new Map<string, Branch>()
  const roots: Branch[] = []
  for (const area of areas) branches.set(area.code, { value: area.code, title: named(area) })
  for (const area of areas) {
    const branch = branches.get(area.code)
    const parent = area.ancestors
      .slice(0, -1)
      .reverse()
      .map((code) => branches.get(code))
      .find((found) => found !== undefined)
    if (!branch) continue
    if (parent) parent.children = [...(parent.children ?? []), branch]
    else roots.push(branch)
  }
  return roots
}

/** Classes with their matters; the value of a class is the token of all of it. */
export function matterTree(matters: readonly Matter[]): Branch[] {
  const classes = new Map<string, Branch>()
  for (const matter of matters) {
    const edition = matter.token.slice(0, matter.token.lastIndexOf(':'))
    const token = `${edition}:${matter.class_code}`
    const title = named({ name_zh: matter.class_zh, name_en: matter.class_en })
    const branch = classes.get(token) ?? { value: token, title, children: [] }
    branch.children?.push({ value: matter.token, title: named(matter) })
    classes.set(token, branch)
  }
  return [...classes.values()]
}

export interface Choices {
  areas: Branch[] | undefined
  matters: Branch[] | undefined
  departments: { value: string; label: string }[] | undefined
}

/** Districts with their streets, for whoever needs nothing else. */
export function useAreas(): Branch[] | undefined {
  const spoken = useLanguage()
  const areas = useOnce('areas', readAreas, true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: names are of the language spoken
  return useMemo(() => areas && areaTree(areas), [areas, spoken])
}

/** `enabled`: not before the rows are on the screen. */
export function useChoices(enabled: boolean): Choices {
  const spoken = useLanguage()
  const areas = useOnce('areas', readAreas, enabled)
  const matters = useOnce('matters', readMatters, enabled)
  const departments = useOnce('departments', readDepartments, enabled)
  // biome-ignore lint/correctness/useExhaustiveDependencies: names are of the language spoken
  return useMemo(
    () => ({
      areas: areas && areaTree(areas),
      matters: matters && matterTree(matters),
      departments: departments?.map((body) => ({ value: body.code, label: named(body) })),
    }),
    [areas, matters, departments, spoken],
  )
}
