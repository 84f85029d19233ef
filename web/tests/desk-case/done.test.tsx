import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, configure, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { Done } from '../../src/surfaces/desk/case/Done'
import type { Operation } from '../../src/surfaces/desk/case/shape'
import { ANNOTATE } from './detail'

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 20_000 })

const STEP = { ...ANNOTATE, zh: '批注' }
const waiting = vi.hoisted(() => ({ ids: [] as number[] }))
vi.mock('../../src/api/client', async (original) => ({
  ...(await original<typeof import('../../src/api/client')>()),
  api: { GET: async () => ({ items: waiting.ids.map((id) => ({ id })) }) },
  take: async (call: Promise<unknown>) => await call,
}))

afterEach(cleanup)

function show(undo: Operation | null = null) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Done
        id={7}
        operation={STEP}
        undo={undo}
        onNext={() => undefined}
        onUndo={() => undefined}
        onClose={() => undefined}
      />
    </QueryClientProvider>,
  )
}

test('the next one is offered where one waits, with its key', async () => {
  waiting.ids = [7, 8]
  show()
  const next = await screen.findByRole('button', { name: /下一件/ })
  expect(next.getAttribute('aria-keyshortcuts')).toBe('n')
  expect(screen.getByRole('status').textContent).toContain('“批注”已完成')
})

test('nothing is offered where nothing waits any more, and that is said', async () => {
  // Only the case itself is still on the list.
  waiting.ids = [7]
  show()
  await screen.findByText('没有其他等您办理的案件了')
  expect(screen.queryByRole('button', { name: /下一件/ })).toBeNull()
})

test('what takes the step back stands beside it, and the focus that the form had is here', async () => {
  waiting.ids = []
  show({ ...STEP, operation: 'redispatch', zh: '改派' })
  // Outside the desk Ant Design sets two characters apart.
  expect(screen.getByRole('button', { name: /改\s?派/ })).toBeDefined()
  expect(document.activeElement).toBe(screen.getByRole('status'))
  await screen.findByText('没有其他等您办理的案件了')
})
