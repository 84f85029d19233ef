// @vitest-environment node
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { assume, language } from '../../src/app/language'
import { eraseDatabase } from '../../src/surfaces/field/store/database'
import { arrive } from '../../src/surfaces/field/store/here'
import type { Item, NewReport, NewStep } from '../../src/surfaces/field/store/item'
import { forgetKept } from '../../src/surfaces/field/store/kept'
import {
  change,
  discard,
  items,
  put,
  sendAgain,
  sweep,
} from '../../src/surfaces/field/store/outbox'
import { flush } from '../../src/surfaces/field/store/sender'
import { leaveToWorker, TAG } from '../../src/surfaces/field/store/sync'
import { addPoint, waitingPoints } from '../../src/surfaces/field/store/track'
import { sendUnwatched } from '../../src/surfaces/field/store/unwatched'

const ME = 7
const PHOTO = () => ({
  id: crypto.randomUUID(),
  slot: 'near' as const,
  blob: new Blob(['picture'], { type: 'image/jpeg' }),
  key: null,
})

function step(more: Partial<NewStep> = {}): NewStep {
  return {
    kind: 'step',
    owner: ME,
    title: 'A lamp',
    caseId: 1,
    operation: 'pass_check',
    act: 'pass_check',
    version: 5,
    opinion: 'fine',
    extra: {},
    photos: [],
    ...more,
  }
}

function report(more: Partial<NewReport> = {}): NewReport {
  return {
    kind: 'report',
    owner: ME,
    title: 'A hole',
    report: {
      text: 'A hole',
      matter_id: null,
      lon: 120.3,
      lat: 36.1,
      system: 'wgs84',
      address: '',
      component_code: '',
      urgency: 'normal',
      reported_at: '2026-11-22T01:00:00Z',
    },
    fixed: null,
    photos: [],
    ...more,
  }
}

interface Call {
  path: string
  token: string | null
  spoken: string | null
  key: string | null
  body: Record<string, unknown>
}

/** A server of one's own: what it was asked, and how it answers. */
class Server {
  calls: Call[] = []
  /** Whose session it is; null: it has ended. */
  session: number | null = ME
  answer: (call: Call) => Response | Error = () => Server.json({ version: 6 })

  static json(body: unknown, status = 200): Response {
    return new Response(JSON.stringify(body), { status })
  }

  fetch = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers)
    const body: Record<string, unknown> =
      typeof init.body === 'string' ? JSON.parse(init.body) : { upload: true }
    const call = {
      path,
      token: headers.get('X-CSRFToken'),
      spoken: headers.get('Accept-Language'),
      key: headers.get('Idempotency-Key'),
      body,
    }
    this.calls.push(call)
    if (path === '/api/me') {
      if (this.session === null) return Server.json({ detail: 'sign in' }, 401)
      return Server.json({ user: { id: this.session } })
    }
    if (path === '/api/attachments') return Server.json({ uuid: `u${this.uploads()}` }, 201)
    const answer = this.answer(call)
    if (answer instanceof Error) throw answer
    return answer
  }

  uploads(): number {
    return this.calls.filter((call) => call.path === '/api/attachments').length
  }

  posts(): Call[] {
    return this.calls.filter((call) => !['/api/attachments', '/api/me'].includes(call.path))
  }
}

let server: Server

beforeEach(async () => {
  server = new Server()
  await arrive({ owner: ME, language: 'zh' })
  vi.stubGlobal('fetch', server.fetch)
  vi.stubGlobal('document', { cookie: 'chengyun_csrf=abc', documentElement: { lang: 'zh' } })
})

afterEach(async () => {
  vi.unstubAllGlobals()
  await eraseDatabase()
})

async function only(): Promise<Item> {
  const [item] = await items(ME)
  if (!item) throw new Error('The outbox is empty.')
  return item
}

describe('sending', () => {
  test('photos go first and are named by the step', async () => {
    await put(step({ photos: [PHOTO(), PHOTO()], extra: { result: 'exists' } }))
    const round = await flush(ME)
    expect(round.sent).toBe(1)
    expect(server.calls.map((call) => call.path)).toEqual([
      '/api/me',
      '/api/attachments',
      '/api/attachments',
      '/api/cases/1/pass-check',
    ])
    expect(server.posts()[0]?.body).toEqual({
      version: 5,
      opinion: 'fine',
      attachments: ['u1', 'u2'],
      result: 'exists',
    })
    const item = await only()
    expect(item.state).toBe('sent')
    expect(item.photos.every((photo) => photo.blob === null)).toBe(true)
  })

  test('without a network all is kept, and photos that arrived are not sent again', async () => {
    await put(step({ photos: [PHOTO()] }))
    server.answer = () => new TypeError('Failed to fetch')
    const round = await flush(ME)
    expect(round.unreachable).toBe(true)
    expect((await only()).state).toBe('waiting')
    server.answer = () => Server.json({ version: 6 })
    await flush(ME, true)
    expect((await only()).state).toBe('sent')
    expect(server.uploads()).toBe(1)
    const keys = server.posts().map((call) => call.key)
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBe(keys[1])
  })

  test('a server that answers 500 is asked again later, not at once, and with the same key', async () => {
    await put(step())
    server.answer = () => Server.json({ detail: 'broken' }, 500)
    const round = await flush(ME)
    expect(round.next).toBeGreaterThan(Date.now())
    server.answer = () => Server.json({ version: 6 })
    await flush(ME)
    expect(server.posts()).toHaveLength(1)
    await flush(ME, true)
    expect(new Set(server.posts().map((call) => call.key)).size).toBe(1)
    expect((await only()).state).toBe('sent')
  })

  test('the pause doubles and has an end', async () => {
    await put(step())
    server.answer = () => Server.json({}, 503)
    const waits: number[] = []
    for (let turn = 0; turn < 10; turn++) {
      const { next } = await flush(ME, true)
      waits.push(Math.round(((next ?? 0) - Date.now()) / 1000))
    }
    expect(waits.slice(0, 4)).toEqual([2, 4, 8, 16])
    expect(waits.at(-1)).toBe(300)
  })

  test('steps of one case go in order: the second waits for the first', async () => {
    await put(step({ operation: 'make_safe' }))
    await put(step({ operation: 'finish' }))
    await put(step({ caseId: 2, operation: 'finish' }))
    server.answer = (call) =>
      call.path.endsWith('make-safe') ? Server.json({}, 500) : Server.json({ version: 9 })
    await flush(ME)
    expect(server.posts().map((call) => call.path)).toEqual([
      '/api/cases/1/make-safe',
      '/api/cases/2/finish',
    ])
  })

  test('a second step goes on from the version that the first led to', async () => {
    await put(step({ operation: 'make_safe' }))
    await put(step({ operation: 'finish' }))
    server.answer = () => Server.json({ version: server.posts().length + 5 })
    await flush(ME)
    expect(server.posts().map((call) => call.body.version)).toEqual([5, 6])
  })

  test('somebody was faster: it stops, says why, and may go again on the new version', async () => {
    await put(step())
    await put(step({ operation: 'annotate' }))
    server.answer = () => Server.json({ detail: 'changed by others', state: 'closed' }, 409)
    await flush(ME)
    const item = await only()
    expect(item.state).toBe('conflict')
    expect(item.problem).toContain('changed by others')
    expect(server.posts()).toHaveLength(1)
    server.answer = () => Server.json({ version: 9 })
    await sendAgain(item, 8)
    await flush(ME)
    const [first, second, third] = server.posts()
    expect(second?.body.version).toBe(8)
    expect(second?.key).not.toBe(first?.key)
    expect(third?.path).toBe('/api/cases/1/annotate')
  })

  test('a refusal is shown and never repeated by itself', async () => {
    await put(step())
    server.answer = () => Server.json({ detail: 'not your case' }, 403)
    await flush(ME)
    await flush(ME, true)
    expect(server.posts()).toHaveLength(1)
    expect((await only()).state).toBe('refused')
    expect(await discard(await only())).toBe(true)
    expect(await items(ME)).toEqual([])
  })

  test('a session that ended stops everything, and nothing is lost or counted', async () => {
    await put(step())
    await put(step({ caseId: 2 }))
    server.answer = () => Server.json({ detail: 'sign in' }, 401)
    const round = await flush(ME)
    expect(round.signedOut).toBe(true)
    expect(server.posts()).toHaveLength(1)
    expect((await items(ME)).map((item) => [item.state, item.tries])).toEqual([
      ['waiting', 0],
      ['waiting', 0],
    ])
  })

  test('another person on the same phone does not send what is not theirs', async () => {
    await put(step())
    await flush(ME + 1, true)
    expect(server.calls).toEqual([])
  })

  test('a session that has become another person’s sends nothing in their name', async () => {
    await put(step({ photos: [PHOTO()] }))
    server.session = ME + 1
    const round = await flush(ME, true)
    expect(round.signedOut).toBe(true)
    expect(server.calls.map((call) => call.path)).toEqual(['/api/me'])
    expect(await only()).toMatchObject({ state: 'waiting', tries: 0 })
  })

  test('whoever signs out in the middle sends no further step', async () => {
    await put(step())
    await put(step({ caseId: 2 }))
    server.answer = () => Server.json({ version: 6 })
    const { fetch } = server
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      if (path.startsWith('/api/cases')) await forgetKept()
      return fetch(path, init)
    })
    const round = await flush(ME)
    expect(round).toMatchObject({ sent: 1, signedOut: true })
    expect((await items(ME)).map((item) => item.state)).toEqual(['sent', 'waiting'])
  })

  test('two senders at once send once', async () => {
    await put(step({ photos: [PHOTO()] }))
    await Promise.all([flush(ME), flush(ME), flush(ME)])
    expect(server.posts()).toHaveLength(1)
    expect(server.uploads()).toBe(1)
  })

  test('a tab that died while sending leaves nothing behind', async () => {
    const { seq } = await put(step())
    await change(seq, (item) => ({ ...item, state: 'sending' }))
    expect(await discard(await only())).toBe(false)
    await flush(ME)
    expect((await only()).state).toBe('sent')
  })
})

describe('without a page', () => {
  /** As in a service worker: no document, a store of cookies instead. */
  beforeEach(() => {
    vi.stubGlobal('document', undefined)
    const cookieStore = { get: async (name: string) => ({ name, value: 'def' }) }
    vi.stubGlobal('cookieStore', cookieStore)
  })
  afterEach(() => assume('zh'))

  test('the worker sends in order, once, with the token and in the language of the person', async () => {
    await arrive({ owner: ME, language: 'en' })
    await put(step({ operation: 'make_safe', photos: [PHOTO()] }))
    await put(step({ operation: 'finish' }))
    server.answer = () => Server.json({ version: server.posts().length + 5 })
    await sendUnwatched(false)
    await sendUnwatched(false)
    const posts = server.posts()
    expect(posts.map((call) => [call.path, call.body.version])).toEqual([
      ['/api/cases/1/make-safe', 5],
      ['/api/cases/1/finish', 6],
    ])
    expect(new Set(posts.map((call) => `${call.token} ${call.spoken}`))).toEqual(
      new Set(['def en']),
    )
    expect(language()).toBe('en')
  })

  test('nothing is asked where nothing waits, and nothing where nobody is', async () => {
    await sendUnwatched(false)
    await put(step())
    await forgetKept()
    await sendUnwatched(false)
    expect(server.calls).toEqual([])
  })

  test('page and worker at once send once', async () => {
    await put(step({ photos: [PHOTO()] }))
    await Promise.all([flush(ME), sendUnwatched(false), flush(ME, true), sendUnwatched(true)])
    expect(server.posts()).toHaveLength(1)
    expect(server.uploads()).toBe(1)
  })

  test('what did not arrive is asked for again, with the same key; what needs a person is not', async () => {
    await put(step())
    await put(step({ caseId: 2 }))
    server.answer = () => new TypeError('Failed to fetch')
    await expect(sendUnwatched(false)).rejects.toThrow()
    server.answer = ({ path }) =>
      path.includes('/1/') ? Server.json({ detail: 'changed' }, 409) : Server.json({ version: 6 })
    await sendUnwatched(false)
    const states = (await items(ME)).map((item) => [item.state, item.problem])
    expect(states).toEqual([
      ['conflict', 'changed'],
      ['sent', ''],
    ])
    const [first, second] = server.posts()
    expect(second?.key).toBe(first?.key)
  })

  test('a pause is kept while somebody looks at a page', async () => {
    await put(step())
    server.answer = () => Server.json({}, 503)
    await flush(ME)
    await expect(sendUnwatched(true)).rejects.toThrow()
    expect(server.posts()).toHaveLength(1)
    server.answer = () => Server.json({ version: 6 })
    await sendUnwatched(false)
    expect((await only()).state).toBe('sent')
  })

  test('a session that ended keeps what waits and is not asked about again', async () => {
    await put(step())
    server.session = null
    await sendUnwatched(false)
    expect(server.posts()).toEqual([])
    expect(await only()).toMatchObject({ state: 'waiting', tries: 0 })
  })
})

describe("a patrol's track without a page", () => {
  const point = { at: new Date().toISOString(), lon: 120.3, lat: 36.1, accuracy_m: 8 }

  test('goes behind the outbox, once', async () => {
    await addPoint(ME, point)
    await put(step())
    await Promise.all([sendUnwatched(false), sendUnwatched(false)])
    const paths = server.posts().map((call) => call.path)
    expect(paths).toEqual(['/api/cases/1/pass-check', '/api/patrols'])
    expect(server.posts()[1]?.body).toEqual({ points: [point] })
    expect(await waitingPoints(ME)).toEqual([])
  })

  test('is asked for again when nothing answers, not when the server refuses it', async () => {
    await addPoint(ME, point)
    server.answer = () => new TypeError('Failed to fetch')
    await expect(sendUnwatched(false)).rejects.toThrow()
    server.answer = () => Server.json({ detail: 'no post' }, 403)
    await sendUnwatched(false)
    expect(await waitingPoints(ME)).toHaveLength(1)
  })

  test("stays where it is in another person's session, and of one who left", async () => {
    await addPoint(ME, point)
    server.session = ME + 1
    await sendUnwatched(false)
    server.session = ME
    await forgetKept()
    await sendUnwatched(false)
    expect(server.posts()).toEqual([])
    expect(await waitingPoints(ME)).toHaveLength(1)
  })
})

describe('the browser is asked to wake the worker', () => {
  const register = vi.fn(async () => undefined)
  const worker = (found: object | undefined) =>
    vi.stubGlobal('navigator', { serviceWorker: { getRegistration: async () => found } })
  beforeEach(() => register.mockReset())

  test('when something waits', async () => {
    worker({ sync: { register } })
    await leaveToWorker(ME)
    expect(register).not.toHaveBeenCalled()
    await put(step())
    await leaveToWorker(ME)
    expect(register).toHaveBeenCalledExactlyOnceWith(TAG)
  })

  test('and nothing changes where it cannot, or may not', async () => {
    await put(step())
    for (const found of [undefined, {}]) {
      worker(found)
      await leaveToWorker(ME)
    }
    vi.stubGlobal('navigator', {})
    await leaveToWorker(ME)
    worker({ sync: { register: () => Promise.reject(new Error('denied')) } })
    await leaveToWorker(ME)
    await flush(ME)
    expect((await only()).state).toBe('sent')
  })
})

describe('a report', () => {
  test('is sent once, with its receipt kept', async () => {
    await put(report({ photos: [PHOTO()] }))
    server.answer = () => Server.json({ number: 'R1', code: 'C', case_id: 12 }, 201)
    await flush(ME)
    expect(server.posts()[0]?.body).toMatchObject({ channel: 'collector', attachments: ['u1'] })
    const item = await only()
    expect(item.kind === 'report' && item.receipt).toEqual({ number: 'R1', code: 'C', caseId: 12 })
  })

  test('put right at once: the second half does not repeat the first', async () => {
    await put(report({ fixed: 'swept', photos: [PHOTO(), { ...PHOTO(), slot: 'after' }] }))
    server.answer = (call) =>
      call.path === '/api/reports'
        ? Server.json({ number: 'R1', code: 'C', case_id: 12 }, 201)
        : Server.json({}, 502)
    await flush(ME)
    server.answer = () => Server.json({ version: 2 })
    await flush(ME, true)
    expect(server.posts().map((call) => call.path)).toEqual([
      '/api/reports',
      '/api/cases/12/self-handle',
      '/api/cases/12/self-handle',
    ])
    expect(server.posts()[0]?.body.attachments).toEqual(['u1'])
    expect(server.posts()[2]?.body).toEqual({ opinion: 'swept', attachments: ['u2'] })
  })
})

test('what was sent is swept away after a day', async () => {
  await put(step())
  await flush(ME)
  await sweep(Date.now() + 23 * 3600_000)
  expect(await items(ME)).toHaveLength(1)
  await sweep(Date.now() + 25 * 3600_000)
  expect(await items(ME)).toHaveLength(0)
})
