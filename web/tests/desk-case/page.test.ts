import { describe, expect, test } from 'vitest'
import { clockRows } from '../../src/surfaces/desk/case/Clocks'
import { arranged, correction, pathOf } from '../../src/surfaces/desk/case/operations'
import { type Phrases, used } from '../../src/surfaces/desk/case/phrases'
import { picturesOf } from '../../src/surfaces/desk/case/pictures'
import { sinceThen } from '../../src/surfaces/desk/case/Since'
import { detail, operation, record } from './detail'

const named = (...names: string[]) => names.map((name) => operation(name, [], []))
const names = (list: { operation: string }[]) => list.map((each) => each.operation)

describe('the buttons', () => {
  test('the main path stands first, a decision before it, the rest waits in the menu', () => {
    const offered = named('annotate', 'void', 'amend', 'file', 'refuse', 'return_report', 'merge')
    const { main, more } = arranged(offered)
    expect(names(main)).toEqual(['file', 'return_report', 'refuse'])
    expect(names(more)).toEqual(['annotate', 'void', 'amend', 'merge'])
    expect(names(arranged(named('urge', 'grant_extension')).main)[0]).toBe('grant_extension')
  })

  test('none is lost, none is made up', () => {
    const offered = named(
      'finish',
      'assign',
      'make_safe',
      'ask_extension',
      'split',
      'urge',
      'new_one',
    )
    const { main, more } = arranged(offered)
    expect(main).toHaveLength(5)
    expect([...names(main), ...names(more)].sort()).toEqual(names(offered).sort())
  })

  test('a single note needs no menu', () => {
    expect(names(arranged(named('annotate')).main)).toEqual(['annotate'])
  })

  test('what corrects a step is offered only where the server offers it', () => {
    expect(correction('assign', named('unassign', 'urge'))?.operation).toBe('unassign')
    expect(correction('assign', named('urge'))).toBeNull()
    expect(correction('annotate', named('unassign'))).toBeNull()
  })

  test('their addresses', () => {
    expect(pathOf(7, 'grant_forced_close')).toBe('/api/cases/7/grant-forced-close')
  })
})

test('what others did since is told; a report that joined is not', () => {
  const records = [record(1, 'receive'), record(2, 'accept'), record(3, 'receive')]
  expect(names(sinceThen(detail({ records }), 1))).toEqual(['accept'])
  expect(sinceThen(detail({ records }), 2)).toEqual([])
})

describe('the clocks', () => {
  const passed = record(2, 'accept', {
    stage: 'accept',
    due_at: '2026-11-22T01:30:00Z',
    used_seconds: 2400,
    timed_out: true,
  })
  const noon = Date.parse('2026-11-22T12:00:00Z')

  test('a stage that was left, and the one that runs', () => {
    const shown = detail({
      records: [record(3, 'annotate', { stage: 'file' }), passed],
      stage: 'file',
      stage_due_at: '2026-11-22T11:00:00Z',
    })
    const rows = clockRows(shown, noon)
    expect(rows.map((row) => [row.stage, row.late, row.usedSeconds])).toEqual([
      ['accept', true, 2400],
      ['file', true, null],
    ])
  })

  test('a stopped clock is never late', () => {
    const shown = detail({
      records: [passed],
      state: 'suspended',
      stage: 'handle',
      stage_due_at: null,
      paused_since: '2026-11-22T02:00:00Z',
    })
    expect(clockRows(shown, noon).at(-1)).toMatchObject({
      stage: 'handle',
      stopped: true,
      late: false,
    })
  })

  test('a closed case has no running one', () => {
    const shown = detail({ records: [passed], stage: '', closed_at: '2026-11-22T03:00:00Z' })
    expect(clockRows(shown, noon)).toHaveLength(1)
  })
})

test('photos lie in three heaps, each once', () => {
  const shown = detail({
    records: [
      record(1, 'receive', { attachments: ['a'] }),
      record(2, 'finish', { attachments: ['b', 'c'] }),
      record(3, 'rework', { attachments: ['d'] }),
      record(4, 'finish', { attachments: ['b'] }),
    ],
  })
  expect(picturesOf(shown).map((each) => `${each.group}${each.n}${each.key}`)).toEqual([
    'before1a',
    'after1b',
    'after2c',
    'check1d',
  ])
})

describe('frequent phrases', () => {
  test('the most used come first, per operation', () => {
    let phrases: Phrases = {}
    for (const text of ['请速办', '请核实', ' 请核实 ']) phrases = used(phrases, 'dispatch', text)
    expect(phrases.dispatch?.map((each) => [each.text, each.times])).toEqual([
      ['请核实', 2],
      ['请速办', 1],
    ])
    expect(used(phrases, 'file', '同意').dispatch).toBe(phrases.dispatch)
  })

  test('long words and none are not kept, and the whole has its room', () => {
    expect(used({}, 'file', '长'.repeat(101))).toEqual({})
    expect(used({}, 'file', '  ')).toEqual({})
    let phrases: Phrases = {}
    for (let n = 0; n < 60; n++) {
      for (let m = 0; m < 9; m++) phrases = used(phrases, `op${n}`, `${n}-${m}-${'字'.repeat(90)}`)
    }
    expect(JSON.stringify(phrases).length).toBeLessThanOrEqual(10_000)
    expect(phrases.op59?.length).toBe(8)
    expect(phrases.op59?.some((each) => each.text.startsWith('59-8-'))).toBe(true)
  })
})
