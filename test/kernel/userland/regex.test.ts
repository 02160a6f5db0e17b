import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Regex, RegexError } from '../../../src/kernel/userland/lib/regex/regex.ts'

/** The matched text and groups, `-` for one that took no part. */
function groups(
  pattern: string,
  text: string,
  options: { extended?: boolean; ignoreCase?: boolean } = { extended: true },
) {
  const slots = new Regex(pattern, options).exec(text)
  return slots?.flatMap((from, n) => (n % 2 === 1 ? [] : [from < 0 ? '-' : text.slice(from, slots[n + 1])]))
}

describe('POSIX regular expressions', () => {
  it.each([
    // Recorded with glibc's regexec through GNU sed.
    ['(a|ab)(c|bcd)(d*)', 'abcd', ['abcd', 'a', 'bcd', '']],
    ['(a|ab)*', 'ababa', ['ababa', 'a']],
    ['(a*)(ab)*(b*)', 'abb', ['abb', 'a', '-', 'bb']],
    ['((x)(a)?|(b))*', 'xaxb', ['xaxb', 'b', 'x', 'a', 'b']],
    ['((a|b|c)*)*', 'abcabc', ['abcabc', 'abcabc', 'c']],
    ['(a*)*', 'aaa', ['aaa', 'aaa']],
    ['^(.)(.).?\\2\\1$', 'abcba', ['abcba', 'a', 'b']],
    ['\\<b\\w*', 'abc bcd', ['bcd']],
    ['x*$', 'abxx', ['xx']],
    ['[]a]+', 'x]a', [']a']],
    ['[[:alpha:]_]+[^a-z]', '1foo_9x', ['foo_9']],
    ['a{2}', 'caab', ['aa']],
    ['a{,2}b', 'aaab', ['aab']],
    ['a|*b', 'ab', ['a']],
    ['a)', 'a)', ['a)']],
  ])('finds %s in %s as glibc does', (pattern, text, expected) => {
    expect(groups(pattern, text)).toEqual(expected)
  })

  it.each([
    ['\\(^a\\)', 'ba', undefined],
    ['a^b$c', 'a^b$c', ['a^b$c']],
    ['*a', '*a', ['*a']],
    ['\\(*a\\)', '*a', ['*a', '*a']],
    ['a\\{2,\\}', 'baaa', ['aaa']],
    ['a\\|b', 'cb', ['b']],
    ['a+', 'aa+', ['a+']],
  ])('reads %s as a basic expression', (pattern, text, expected) => {
    expect(groups(pattern, text, {})).toEqual(expected)
  })

  it.each([
    ['[a', 'Unmatched [, [^, [:, [., or [='],
    ['(a', 'Unmatched ( or \\('],
    ['a\\', 'Trailing backslash'],
    ['\\1', 'Invalid back reference'],
    ['[b-a]', 'Invalid range end'],
    ['[[:foo:]]', 'Invalid character class name'],
    ['a{99999}', 'Regular expression too big'],
    ['((((a{200}){200}){200}){200}){200}', 'Regular expression too big'],
    ['a{2,1}', 'Invalid content of \\{\\}'],
  ])('refuses %s', (pattern, message) => {
    expect(() => new Regex(pattern, { extended: true })).toThrow(new RegexError(message))
  })

  it('finds the same as JavaScript where the two agree: one way to match, or the longest first', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', 'c')
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}')).map(([one, times]) => one + times)
    const pattern = fc
      .tuple(fc.constantFrom('', '^'), fc.array(piece, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '$'))
      .map(([start, pieces, end]) => start + pieces.join('') + end)
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }).map(chars => chars.join(''))
    fc.assert(
      fc.property(pattern, text, (source, input) => {
        const found = new Regex(source, { extended: true }).find(input)
        const expected = new RegExp(source, 's').exec(input)
        expect(found?.[0]).toBe(expected?.index)
        // JavaScript takes the first way, POSIX the longest.
        if (found && expected) expect(found[1] - found[0]).toBeGreaterThanOrEqual(expected[0].length)
      }),
      { numRuns: 2000 },
    )
  })

  it('finds the longest of all matches at the leftmost place', () => {
    const regex = fc.letrec<{ node: string }>(tie => ({
      node: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.constantFrom('a', 'b', '[ab]'),
        fc.tuple(tie('node'), tie('node')).map(([x, y]) => x + y),
        fc.tuple(tie('node'), tie('node')).map(([x, y]) => `(${x}|${y})`),
        tie('node').map(x => `(${x})*`),
      ),
    })).node
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 7 }).map(chars => chars.join(''))
    fc.assert(
      fc.property(regex, text, (source, input) => {
        const whole = new RegExp(`^(?:${source})$`)
        let expected: [number, number] | undefined
        for (let from = 0; from <= input.length && !expected; from++) {
          for (let to = input.length; to >= from && !expected; to--) {
            if (whole.test(input.slice(from, to))) expected = [from, to]
          }
        }
        expect(new Regex(source, { extended: true }).find(input)).toEqual(expected)
        expect(new Regex(source, { extended: true }).exec(input)?.slice(0, 2)).toEqual(expected)
      }),
      { numRuns: 1500 },
    )
  })

  it.each([
    ['(a*)*b', 'a'.repeat(100_000)],
    ['(x+x+)+y', 'x'.repeat(100_000)],
    ['(a|aa)+$', `${'a'.repeat(50_000)}b`],
    ['a*b', 'a'.repeat(100_000)],
    ['\\<(a|b)*\\>c', 'ab'.repeat(20_000)],
  ])('stays linear for %s on a long line', (pattern, text) => {
    const start = performance.now()
    expect(new Regex(pattern, { extended: true }).test(text)).toBe(false)
    expect(performance.now() - start).toBeLessThan(3000)
  })

  it('gives up a search with back references that needs too many steps', () => {
    expect(() => new Regex('(a*)*\\1b', { extended: true }).test('a'.repeat(200))).toThrow(
      new RegexError('Memory exhausted'),
    )
  })
})
