/** What a selection holds: components by the register, cases by their list. */
import { send } from '../../../api/client'
import type { Component, Page } from '../../../api/components'
import { asked, type Selection } from './selection'

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

function post(path: string, selection: Selection, kind: string, signal?: AbortSignal) {
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ ...asked(selection), ...(kind ? { class: kind } : {}) })
  return send(path, { method: 'POST', headers, body, signal })
}

export async function readInside(
  selection: Selection,
  kind: string,
  cursor: string,
  signal?: AbortSignal,
): Promise<Page<Component>> {
  const query = new URLSearchParams({ limit: '50', ...(cursor ? { cursor } : {}) })
  return (await post(`/api/components/search?${query}`, selection, kind, signal)).json()
}

export async function countInside(
  selection: Selection,
  signal?: AbortSignal,
): Promise<ComponentCounts> {
  return (await post('/api/components/counts', selection, '', signal)).json()
}

/** The file of an export and the name the server gave it. */
export async function exportInside(
  form: FileForm,
  selection: Selection,
  kind: string,
): Promise<{ name: string; content: Blob }> {
  const answer = await post(`/api/components/export.${form}`, selection, kind)
  const said = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1]
  return { name: said ?? `components.${form}`, content: await answer.blob() }
}
