import { beforeEach, describe, expect, test } from 'vitest'
import { speak } from '../../src/app/language'
import {
  judged,
  latest,
  postsOf,
  quotient,
  type Tables,
} from '../../src/surfaces/desk/evaluation/bulletin/facts'
import { sentences } from '../../src/surfaces/desk/evaluation/bulletin/sentences'
import { DICTIONARY, row, table } from './made'

beforeEach(() => speak('zh'))

const COUNTS = {
  reports: 120,
  public_reports: 70,
  collector_reports: 40,
  filed: 100,
  handled: 90,
  closed: 80,
  should_handled: 95,
  should_closed: 82,
  handled_late: 3,
  handled_overdue: 2,
  reworked: 1,
  extended: 4,
  suspended: 0,
}
const RATES = { handling_in_time_rate: 0.915, closing_in_time_rate: 0.95 }

function tables(change: Partial<Tables> = {}): Tables {
  const districts = ['a', 'b', 'c', 'd'].map((code, n) =>
    row(code, { rank: n + 1, score: 95 - n, counts: { reports: 30 } }),
  )
  return {
    regions: table(districts, { counts: COUNTS, rates: RATES }),
    regionsBefore: table([], {
      counts: { reports: 100 },
      rates: { handling_in_time_rate: 0.9, closing_in_time_rate: 0.95 },
    }),
    departments: table([
      row('x', { rank: 1, score: 99, counts: { should_handled: 9, handled_late: 1 } }),
      row('y', { rank: 2, score: 70, counts: { should_handled: 5, handled_overdue: 4 } }),
      row('z', { rank: null, counts: { should_handled: 0, handled_late: 0 } }),
    ]),
    departmentsBefore: table([]),
    posts: table([
      row(
        'acceptor:1',
        {
          rank: 1,
          score: 90,
          counts: {
            operations: 10,
            timed_operations: 8,
            operations_in_time: 6,
            wrong_operations: 1,
          },
        },
        'acceptor',
      ),
      row(
        'acceptor:2',
        {
          rank: 2,
          score: 80,
          counts: {
            operations: 30,
            timed_operations: 12,
            operations_in_time: 12,
            wrong_operations: 1,
          },
        },
        'acceptor',
      ),
      row('handler:1', { rank: null, counts: { operations: 0 } }, 'handler'),
    ]),
    ...change,
  }
}

describe('the sentences of a bulletin', () => {
  test('say the numbers and how they changed, and nothing else', () => {
    expect(sentences(tables(), DICTIONARY)).toEqual([
      '本期共接报 120 件，其中公众举报 70 件，采集员上报 40 件；立案 100 件，处置 90 件，结案 80 件。',
      '接报量较上期（100 件）增加 20%。',
      '应处置 95 件，按期处置率 91.5%，较上期提高 1.5 个百分点。',
      '应结案 82 件，按期结案率 95%，与上期持平。',
      '超期处置 3 件，至统计时仍超期未处置 2 件；返工 1 件，延期 4 件，曾挂账 0 件。',
      '区域得分居前的是名a（95.0 分）、名b（94.0 分）、名c（93.0 分）；居后的是名d（92.0 分）。',
      '有业务的部门 2 个，其中 2 个有得分；得分居前的是名x（99.0 分）、名y（70.0 分）。',
      '超期（含超期未处置）最多的部门是名y（4 件）、名x（1 件）。',
      '各岗位 2 人次参与办理，共完成操作 40 次，按期操作率 90%，差错率 5%。',
    ])
  })

  test('are there in English, with no Chinese left but names', async () => {
    await speak('en')
    const said = sentences(tables(), DICTIONARY)
    expect(said).toHaveLength(9)
    expect(said.join(' ')).not.toMatch(/[\u4e00-\u9fff{}]/)
    expect(said[1]).toBe('Reports rose by 20% from 100 in the period before.')
  })

  test('an unfinished period is not compared in numbers with a whole one', () => {
    const running = tables()
    running.regions = { ...running.regions, at: '2026-11-20T00:00:00Z' }
    const said = sentences(running, DICTIONARY).join('')
    expect(said).not.toContain('接报量')
    expect(said).toContain('提高 1.5 个百分点')
  })

  test('an empty period says so and claims nothing', () => {
    const none = table([], { counts: { reports: 0 }, rates: { handling_in_time_rate: null } })
    const empty = {
      regions: none,
      regionsBefore: none,
      departments: none,
      departmentsBefore: none,
      posts: none,
    }
    expect(sentences(empty, DICTIONARY)).toEqual(['本期没有接报。'])
  })

  test('nothing is said of a change from what nobody knows', () => {
    const said = sentences(tables({ regionsBefore: table([]) }), DICTIONARY).join('')
    expect(said).not.toContain('较上期')
    expect(said).toContain('按期处置率 91.5%。')
  })
})

describe('the facts behind them', () => {
  test('people of a post are summed, whoever did nothing is not counted', () => {
    const [post, ...rest] = postsOf(tables().posts, 1)
    expect(rest).toEqual([])
    expect(post).toMatchObject({ role: 'acceptor', people: 2, counts: { operations: 40 } })
    expect(post?.best.map((each) => each.object.code)).toEqual(['acceptor:1'])
  })

  test('0/0 is no rate', () => {
    const rate = DICTIONARY.rates.get('error_rate')
    expect(quotient({ operations: 0, wrong_operations: 0 }, rate)).toBeNull()
    expect(quotient({ operations: 4, wrong_operations: 1 }, rate)).toBe(0.25)
    expect(quotient({ operations: 4 }, undefined)).toBeNull()
  })

  test('what belongs to nobody is neither judged nor blamed', () => {
    const rows = [row('-', { rank: 1, counts: { handled_late: 9 } })]
    expect(judged(rows)).toEqual([])
    expect(latest(rows, 3)).toEqual([])
  })
})
