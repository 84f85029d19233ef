import { describe, expect, test } from 'vitest'
import { bodyOf, isWritten, lacking, opening, restored } from '../../src/surfaces/desk/case/form'
import { detail, operation } from './detail'

const said = ['opinion', 'attachments']
const dispatch = operation('dispatch', ['department'], [...said, 'department_id'])
const place = ['lon', 'lat', 'system', 'address', 'description', 'urgency', 'public']
const amend = operation('amend', [], [...said, 'matter_id', ...place])
const visit = operation(
  'visit_back',
  ['report'],
  [...said, 'report_number', 'reached', 'answered', 'solved', 'satisfied'],
)

describe('what a form still lacks', () => {
  test('is what the server needs, under the name of its field', () => {
    const values = opening(dispatch, detail())
    expect(lacking(dispatch, values)).toEqual(['department_id'])
    expect(lacking(dispatch, { ...values, department_id: 3 })).toEqual([])
  })

  test('blanks are nothing', () => {
    const refuse = operation('refuse', ['opinion'], said)
    const values = { ...opening(refuse, detail()), opinion: '  \n ' }
    expect(lacking(refuse, values)).toEqual(['opinion'])
  })

  test('closing needs the rule to be met', () => {
    const close = operation('close', ['closing_met'], [...said, 'closing_met', 'public_note'])
    const values = opening(close, detail())
    expect(lacking(close, values)).toEqual([])
    expect(lacking(close, { ...values, closing_met: false })).toEqual(['closing_met'])
  })

  test('a visit that reached somebody says all three, another none', () => {
    const values = { ...opening(visit, detail()), report_number: 'R1' }
    expect(lacking(visit, values)).toEqual(['answered', 'solved', 'satisfied'])
    expect(lacking(visit, { ...values, reached: false })).toEqual([])
  })
})

describe('what a form sends', () => {
  test('only the fields of its operation, with the version it was opened on', () => {
    const opened = opening(dispatch, detail())
    const body = bodyOf(dispatch, { ...opened, department_id: 3, opinion: '速办' }, opened, 4)
    expect(body).toEqual({ version: 4, opinion: '速办', attachments: [], department_id: 3 })
  })

  test('a correction sends what differs, a moved pin both numbers and their system', () => {
    const opened = opening(amend, detail())
    expect(bodyOf(amend, opened, opened, 1)).toEqual({ version: 1, opinion: '', attachments: [] })
    const moved = { ...opened, lat: 36.4, public: false }
    expect(bodyOf(amend, moved, opened, 1)).toEqual({
      version: 1,
      opinion: '',
      attachments: [],
      lon: 120.28,
      lat: 36.4,
      system: 'cgcs2000',
      public: false,
    })
  })

  test('what nobody was asked is not sent', () => {
    const opened = opening(visit, detail())
    const values = { ...opened, report_number: 'R1', reached: false, solved: true }
    const body = bodyOf(visit, values, opened, 1)
    expect(body).toMatchObject({ report_number: 'R1', reached: false })
    expect(body).not.toHaveProperty('solved')
  })

  test('a day becomes its end, with a zone', () => {
    const ask = operation('ask_suspension', ['opinion', 'until'], [...said, 'until'])
    const opened = opening(ask, detail())
    const body = bodyOf(ask, { ...opened, until: '2026-12-01' }, opened, 1)
    expect(String(body.until)).toMatch(/^2026-1[12]-\d\dT.*Z$/)
    expect(new Date(String(body.until)).getMinutes()).toBe(59)
  })
})

describe('what was kept of a form', () => {
  test('comes back, but only what still fits', () => {
    const opened = opening(dispatch, detail())
    const values = restored(opened, {
      opinion: '写了一半',
      department_id: 3,
      attachments: 'no list',
      level: 'no number',
      unknown: 1,
    })
    expect(values).toEqual({ ...opened, opinion: '写了一半', department_id: 3 })
    expect(isWritten(values, opened)).toBe(true)
    expect(isWritten(opened, opened)).toBe(false)
  })

  test.each([null, 'text', 7, undefined])('%s is no form', (kept) => {
    const opened = opening(dispatch, detail())
    expect(restored(opened, kept)).toEqual(opened)
  })
})
