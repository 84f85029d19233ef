import { beforeAll, expect, test } from 'vitest'
import { speak } from '../../src/app/language'
import { areaTree, matterTree } from '../../src/surfaces/desk/list/choices'

beforeAll(() => speak('zh'))

const area = (code: string, name: string, ...above: string[]) => ({
  code,
  name_zh: name,
  name_en: '',
  level: 'street',
  ancestors: [...above, code],
})

test('streets stand under their districts, even where a level between is missing', () => {
  const tree = areaTree([
    area('10', '甲区', '1'),
    area('20', '乙区', '1'),
    area('1001', '一街', '1', '10'),
    area('200101', '二街', '1', '20', '2001'),
  ])
  expect(tree.map((branch) => branch.title)).toEqual(['甲区', '乙区'])
  expect(tree[0]?.children?.map((branch) => branch.value)).toEqual(['1001'])
  expect(tree[1]?.children?.map((branch) => branch.value)).toEqual(['200101'])
})

test('a class is one token for all its matters', () => {
  const matter = (code: string, of: string) => ({
    token: `ed:${code}`,
    class_code: code.slice(0, 2),
    class_zh: of,
    class_en: '',
    name_zh: code,
    name_en: '',
  })
  const tree = matterTree([
    matter('06010', '市容'),
    matter('06011', '市容'),
    matter('03001', '部件'),
  ])
  expect(tree.map((branch) => [branch.value, branch.children?.length])).toEqual([
    ['ed:06', 2],
    ['ed:03', 1],
  ])
})
