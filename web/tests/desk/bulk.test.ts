import { expect, test } from 'vitest'
import { isBulkForm } from '../../src/surfaces/desk/list/bulk'
import { type Outcome, runEach, tally } from '../../src/surfaces/desk/list/run'

async function run(fails: (id: number) => boolean, stopAfter = Number.POSITIVE_INFINITY) {
  const outcomes = new Map<number, Outcome>()
  const order: number[] = []
  let atOnce = 0
  const controller = new AbortController()
  await runEach({
    items: [1, 2, 3, 4],
    idOf: (id) => id,
    said: (error) => (error instanceof Error ? error.message : ''),
    signal: controller.signal,
    onOutcome: (id, outcome) => outcomes.set(id, outcome),
    perform: async (id) => {
      atOnce += 1
      expect(atOnce).toBe(1)
      await Promise.resolve()
      order.push(id)
      atOnce -= 1
      if (order.length >= stopAfter) controller.abort()
      if (fails(id)) throw new Error(`no ${id}`)
    },
  })
  return { outcomes, order }
}

test('cases go one after the other, and a refusal of one stops no other', async () => {
  const { outcomes, order } = await run((id) => id === 2)
  expect(order).toEqual([1, 2, 3, 4])
  expect(outcomes.get(2)).toEqual({ state: 'failed', reason: 'no 2' })
  expect(tally(outcomes, [1, 2, 3, 4])).toEqual({ done: 3, failed: 1, left: 0 })
})

test('stopping finishes the one under way and begins no other', async () => {
  const { outcomes, order } = await run(() => false, 2)
  expect(order).toEqual([1, 2])
  expect(tally(outcomes, [1, 2, 3, 4])).toEqual({ done: 2, failed: 0, left: 2 })
})

test('a draft is looked at before it is used', () => {
  expect(isBulkForm({ opinion: 'x', department: null, main: 3 })).toBe(true)
  for (const wrong of [null, 'x', {}, { opinion: 1, department: null, main: null }]) {
    expect(isBulkForm(wrong)).toBe(false)
  }
})
