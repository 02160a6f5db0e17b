import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IgnoreMatcher, readIgnoreFile } from '../../src/build/ignore.ts'
import { messageOf } from '../../src/errors.ts'

/** Whether a path is left out, folder by folder as a context is walked. */
function ignores(patterns: readonly string[], path: string): boolean {
  const matcher = new IgnoreMatcher(patterns)
  let state: Parameters<IgnoreMatcher['match']>[1] = []
  let ignored = false
  const parts = path.split('/')
  parts.forEach((_, at) => {
    const answer = matcher.match(parts.slice(0, at + 1).join('/'), state)
    ignored = answer.ignored
    state = answer.below
  })
  return ignored
}

describe('.dockerignore', () => {
  it.each([
    ['# c\n\n a \n!b\n/c/\n./d/../e', ['a', '!b', 'c', 'e']],
    ['\ufeffx\n', ['x']],
    [' #x', ['#x']],
    ['!  y ', ['!y']],
  ])('%j is read as %j', (text, patterns) => {
    expect(readIgnoreFile(text)).toEqual(patterns)
  })

  it.each([
    [['a'], 'a', true],
    [['a'], 'a/b/c', true],
    [['a'], 'b/a', false],
    [['*/a'], 'b/a', true],
    [['*/a'], 'c/b/a', false],
    [['**/a'], 'c/b/a', true],
    [['**/a'], 'a', true],
    [['a/**'], 'a', false],
    [['a/**'], 'a/b', true],
    [['**'], 'x/y', true],
    [['**', '!x/y'], 'x/y', false],
    [['x', '!x/y'], 'x/y', false],
    [['x', '!x/y'], 'x/z', true],
    [['*.md', '!README.md'], 'README.md', false],
    [['!README.md', '*.md'], 'README.md', true],
    [['*.go'], 'a/b.go', false],
    [['a?c'], 'abc', true],
    [['a?c'], 'a/c', false],
    [['[a-c]x'], 'bx', true],
    [['[^a-c]x'], 'bx', false],
    [['\\*'], '*', true],
    [['\\*'], 'a', false],
    [['a.b'], 'axb', false],
  ])('%j: %s is left out: %s', (patterns, path, expected) => {
    expect(ignores(patterns, path)).toBe(expected)
  })

  it.each(['[', 'a\\', '[]', '[a'])('%j is a syntax error', pattern => {
    expect(() => new IgnoreMatcher([pattern])).toThrow('syntax error in pattern')
  })

  it('takes patterns of any kind in time that grows with pattern times path', () => {
    expect(ignores([`${'*a'.repeat(60)}b`], 'a'.repeat(4000))).toBe(false)
    expect(ignores([`${'**/'.repeat(60)}b`], `${'a/'.repeat(300)}c`)).toBe(false)
  })

  it('fails in words of Docker only', () => {
    const piece = fc.string({ unit: fc.constantFrom(...'ab*?[]^-\\/.!#') })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), piece, (patterns, path) => {
        try {
          ignores(readIgnoreFile(patterns.join('\n')), path)
        } catch (error) {
          expect(messageOf(error)).toMatch(/^(syntax error in pattern|illegal exclusion pattern: "!")$/)
        }
      }),
    )
  })
})
