/**
 * The generated client with what every call needs: language, CSRF, and answers that are either
 * data or an exception. `await take(api.GET('/api/me'))`.
 */
import createClient from 'openapi-fetch'
import { language } from '../app/language'
import { NoAnswer, type ProblemBody, Refusal } from './problem'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

export const api = createClient<paths>({
  baseUrl: '',
  // Django reads a list as the same parameter several times.
  querySerializer: { array: { style: 'form', explode: true } },
  fetch: (request) => fetch(request),
})

api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(ownHeaders(request.method))) {
      if (!request.headers.has(name)) request.headers.set(name, value)
    }
    return request
  },
})

/** Headers of a call of ours; a session's writes carry the token of the CSRF cookie. */
export function ownHeaders(method: string, cookies = document.cookie): Record<string, string> {
  const headers: Record<string, string> = { 'Accept-Language': language() === 'zh' ? 'zh' : 'en' }
  if (method !== 'GET' && method !== 'HEAD') {
    const token = /(?:^|; )chengyun_csrf=([^;]+)/.exec(cookies)?.[1]
    if (token) headers['X-CSRFToken'] = token
  }
  return headers
}

/** A service worker has no document; those that send (Chromium's) have a store of cookies. */
async function ownCookies(): Promise<string> {
  if (typeof document !== 'undefined') return document.cookie
  const token = await cookieStore.get('chengyun_csrf')
  return token ? `${token.name}=${token.value}` : ''
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of a call. Throws `Refusal` (the server's problem) or `NoAnswer`. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new NoAnswer()
  }
  if (!answer.response.ok) throw refusalOf(answer.response.status, answer.error)
  return answer.data as T
}

function refusalOf(status: number, body: unknown): Refusal {
  const known = typeof body === 'object' && body !== null ? (body as ProblemBody) : {}
  return new Refusal(status, known)
}

/** A call outside the generated client (files). Throws like `take`. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const method = init.method ?? 'GET'
  const own = ownHeaders(method, await ownCookies())
  let response: Response
  try {
    response = await fetch(path, { ...init, headers: { ...own, ...init.headers } })
  } catch {
    throw new NoAnswer()
  }
  if (!response.ok) throw refusalOf(response.status, await response.json().catch(() => ({})))
  return response
}

/** Sends one picture; gives its key. `purpose` is `report` (a citizen's), `case` (staff's) or
 * `component` (of the register). */
export async function upload(
  file: Blob,
  purpose: 'report' | 'case' | 'component',
  name = 'photo.jpg',
): Promise<string> {
  const form = new FormData()
  form.set('purpose', purpose)
  form.set('file', file, name)
  const response = await send('/api/attachments', { method: 'POST', body: form })
  const made = (await response.json()) as { uuid: string }
  return made.uuid
}

export function photo(key: string, size?: 'thumb' | 'medium'): string {
  return `/api/attachments/${key}${size ? `?size=${size}` : ''}`
}
