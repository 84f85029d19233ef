import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, configure, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useRows } from '../../src/surfaces/desk/list/useRows'

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 20_000 })

/** A server of a few cases: `list` answers the list's question, `all` the one for named cases. */
const server = { list: [] as number[], all: new Map<number, number>(), asked: [] as string[] }

class Source {
  static made: Source[] = []
  static readonly CLOSED = 2
  readyState = 1
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  private receive: ((message: { data: string }) => void) | undefined

  constructor(readonly url: string) {
    Source.made.push(this)
  }

  addEventListener(_kind: string, receive: (message: { data: string }) => void) {
    this.receive = receive
  }

  close() {
    this.readyState = Source.CLOSED
  }

  tell(id: number) {
    const event = { kind: 'governance.case.accept', subject_type: 'case', subject_id: String(id) }
    this.receive?.({ data: JSON.stringify(event) })
  }
}

function answer(path: string): unknown {
  server.asked.push(path)
  const query = new URLSearchParams(path.split('?')[1])
  const named = query.getAll('ids').map(Number)
  const inList = query.get('open') === 'true' ? server.list : [...server.all.keys()]
  const ids = named.length ? inList.filter((id) => named.includes(id)) : inList
  const items = ids.map((id) => ({ id, version: server.all.get(id) ?? 1 }))
  return { items, next: null, previous: null }
}

beforeEach(() => {
  server.list = [1, 2]
  server.all = new Map([
    [1, 1],
    [2, 1],
    [3, 1],
  ])
  server.asked = []
  Source.made = []
  vi.stubGlobal('EventSource', Source)
  vi.stubGlobal('fetch', (path: string) =>
    Promise.resolve(new Response(JSON.stringify(answer(path)))),
  )
})

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function Probe({ follow }: { follow: boolean }) {
  const rows = useRows({ query: 'open=true', cursor: '', follow })
  return (
    <output>
      {JSON.stringify({
        rows: rows.items.map((row) => `${row.id}v${row.version}`),
        left: [...rows.left],
        fresh: [...rows.fresh],
      })}
    </output>
  )
}

async function open(follow = false) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Probe follow={follow} />
    </QueryClientProvider>,
  )
  await waitFor(() => expect(seen().rows).toEqual(['1v1', '2v1']))
  const [source] = Source.made
  if (!source) throw new Error('nobody listens')
  act(() => source.onopen?.())
  return source
}

function seen(): { rows: string[]; left: number[]; fresh: number[] } {
  return JSON.parse(screen.getByRole('status').textContent ?? '')
}

const patient = { timeout: 5_000 }

test('what changed changes in place, what left is marked, what is new is counted', async () => {
  const source = await open()
  server.all = new Map([
    [1, 2],
    [2, 5],
    [3, 1],
  ])
  server.list = [1, 3]
  server.asked = []
  act(() => {
    for (const id of [1, 2, 3, 1, 2, 3, 99]) source.tell(id)
  })
  await waitFor(() => expect(seen().fresh).toEqual([3]), patient)
  expect(seen()).toEqual({ rows: ['1v2', '2v5'], left: [2], fresh: [3] })
  expect(server.asked, 'seven events are two questions').toHaveLength(2)
})

test('a work list reads itself anew instead', async () => {
  const source = await open(true)
  server.list = [1, 3]
  act(() => source.tell(3))
  await waitFor(() => expect(seen().rows).toEqual(['1v1', '3v1']), patient)
  expect(seen()).toMatchObject({ left: [], fresh: [] })
})

test('events of cases that are none of the list change nothing and ask once', async () => {
  const source = await open()
  server.asked = []
  act(() => source.tell(3))
  await waitFor(() => expect(server.asked).toHaveLength(1), patient)
  expect(seen()).toEqual({ rows: ['1v1', '2v1'], left: [], fresh: [] })
})

test('after a lost stream the list is read anew', async () => {
  const source = await open()
  act(() => source.onerror?.())
  server.list = [3]
  act(() => source.onopen?.())
  await waitFor(() => expect(seen().rows).toEqual(['3v1']), patient)
})

test('two lists on one page share one stream', async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Probe follow />
      <Probe follow={false} />
    </QueryClientProvider>,
  )
  await waitFor(() => expect(Source.made).toHaveLength(1))
})
