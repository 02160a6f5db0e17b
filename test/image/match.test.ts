import { describe, expect, it } from 'vitest'
import { referencePattern } from '../../src/image/match.ts'
import { parseReference } from '../../src/image/reference.ts'
import { pathPattern } from '../../src/util/glob.ts'

describe('a pattern', () => {
  it.each([
    ['shop/*', 'shop/web', true],
    ['shop/*', 'shop/web/x', false],
    ['*:latest', 'busybox:latest', true],
    ['*:latest', 'shop/web:latest', false],
    ['m?ne', 'mine', true],
    ['m[a-i]ne', 'mine', true],
    ['m[^a-i]ne', 'mine', false],
    ['a\\*b', 'a*b', true],
    ['a.b', 'axb', false],
    ['**', 'abc', true],
    ['', '', true],
  ])('%s on %s: %s', (pattern, text, matches) => {
    expect(pathPattern(pattern)(text)).toBe(matches)
  })

  it.each(['***[', '[', '[]', '[a', 'a\\', '[-a]'])('%s is a syntax error', pattern => {
    expect(() => pathPattern(pattern)).toThrow('syntax error in pattern')
  })

  it('is tried on the name too', () => {
    expect(referencePattern('busybox')(parseReference('busybox:latest'))).toBe(true)
    expect(referencePattern('busy*')(parseReference('busybox:latest'))).toBe(true)
    expect(referencePattern('latest')(parseReference('busybox:latest'))).toBe(false)
  })

  it('does not take long on hostile patterns', () => {
    expect(pathPattern('*a'.repeat(200))('a'.repeat(20))).toBe(false)
    expect(pathPattern('*'.repeat(1000))('a')).toBe(true)
  })
})
