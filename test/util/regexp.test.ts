import { expect, it } from 'vitest'
import { compileRegexp } from '../../src/util/regexp.ts'

it.each([
  ['a plain text is found anywhere', 'eb', 'web', true],
  ['anchors hold', '^eb', 'web', false],
  ['classes and repetitions work', '^w[a-f]+b$', 'web', true],
  ['what is no expression matches nothing', '[', '[', undefined],
  ['repetitions of repetitions are refused', '(a+)+$', 'aaaa', undefined],
  ['and so is a very long pattern', 'a'.repeat(201), 'a'.repeat(201), undefined],
])('%s', (_, pattern, text, expected) => {
  expect(compileRegexp(pattern)?.(text)).toBe(expected)
})
