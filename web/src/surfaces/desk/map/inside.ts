/** What lies inside an outline: components by the register, cases by their list. */

import { send } from '../../../api/client'
import type { Component, Page } from '../../../api/components'
import type { Place } from '../../../map/CityMap'
import { closed } from './sketch'

export const FILES = ['csv', 'xlsx', 'geojson'] as const
export type FileForm = (typeof FILES)[number]

export interface ClassCount {
  code: string
  name_zh: string
  name_en: string
  count: number
  damaged: number
}

export interface ComponentCounts {
  total: number
  rows: ClassCount[]
}

function body(ring: readonly Place[], kind: string): string {
  return JSON.stringify({
    within: { type: 'Polygon', coordinates: [closed(ring)] },
    ...(kind ? { class: kind } : {}),
  })
}

function post(path: string, ring: readonly Place[], kind: string, signal?: AbortSignal) {
  const headers = { 'Content-Type': 'application/json' }
  return send(path, { method: 'POST', headers, body: body(ring, kind), signal })
}

export async function readInside(
  ring: readonly Place[],
  kind: string,
  cursor: string,
  signal?: AbortSignal,
): Promise<Page<Component>> {
  const query = new URLSearchParams({ limit: '50', ...(cursor ? { cursor } : {}) })
  return (await post(`/api/components/search?${query}`, ring, kind, signal)).json()
}

export async function countInside(
  ring: readonly Place[],
  signal?: AbortSignal,
): Promise<ComponentCounts> {
  return (await post('/api/components/counts', ring, '', signal)).json()
}

/** The file of an export and the name the server gave it. */
export async function exportInside(
  form: FileForm,
  ring: readonly Place[],
  kind: string,
): Promise<{ name: string; content: Blob }> {
  const answer = await post(`/api/components/export.${form}`, ring, kind)
  const said = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1]
  return { name: said ?? `components.${form}`, content: await answer.blob() }
}
