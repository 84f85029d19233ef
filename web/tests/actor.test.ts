import { afterEach, expect, test } from 'vitest'
import { actorName } from '../src/app/actor'
import { speak } from '../src/app/language'

afterEach(() => speak('zh'))

test('a citizen is named in the language that is spoken, staff by their own name', async () => {
  expect(actorName('市民 citizen')).toBe('市民')
  await speak('en')
  expect(actorName('市民 citizen')).toBe('Citizen')
  expect(actorName('汪妍')).toBe('汪妍')
})
