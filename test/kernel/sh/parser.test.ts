import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../../src/kernel/sh/dialect.ts'
import { noAliases, parseUnit } from '../../../src/kernel/sh/parser.ts'
import { SyntaxFault } from '../../../src/kernel/sh/syntax.ts'

const dialects: Dialect[] = ['busybox', 'bash', 'dash']
/** Pieces that scripts are made of, so that random ones get somewhere. */
const pieces = [
  ...'if then else fi for in do done while case esac { } ! ( ) (( )) [[ ]] function select time'.split(' '),
  ...'; ;; ;& & && || | |& < > >> << <<- <<< >& &> <( >( $ $( $(( ${ ${# ${! ` " \' \\ # ~ * ? [ ] = += =( @( {a,b} {1..3}'.split(
    ' ',
  ),
  ...'a b x=1 a[1]=2 a=(1 2) $x ${x:-y} ${x/a/b} ${a[@]} $(echo) `b` $((1+2)) "q" E EOF'.split(' '),
  ' ',
  '\n',
  '\t',
]
const script = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map(parts => parts.join(' ')),
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map(parts => parts.join('')),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }),
)

/** Parses command by command; the number of them. Throws whatever the parser throws but its own faults. */
function parseWhole(text: string, dialect: Dialect): number {
  let units = 0
  try {
    for (let at = 0; at < text.length; units++) {
      const unit = parseUnit(text, at, dialect, noAliases)
      if (!unit.root) break
      expect(unit.end).toBeGreaterThan(at)
      at = unit.end
    }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
  }
  return units
}

describe('the parser', () => {
  it.each(dialects)('takes any text as %s, or refuses it in words of its own', dialect => {
    fc.assert(
      fc.property(script, text => parseWhole(text, dialect) >= 0),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['parentheses', '('.repeat(100_000)],
    ['groups', '{ '.repeat(50_000)],
    ['substitutions', '$('.repeat(50_000)],
    ['braces of parameters', '${x:-'.repeat(50_000)],
    ['arithmetic', `$((${'('.repeat(50_000)}))`],
    ['backquotes', '`'.repeat(50_001)],
    ['brace lists', '{a,'.repeat(20_000)],
    ['a long list of choices', `echo ${'{a,b}'.repeat(30)}`],
    ['many lists', `echo ${'{a,b}'.repeat(1500)}`],
    ['quotes', '"$('.repeat(20_000)],
    ['conditions', '[[ ( '.repeat(20_000)],
    ['a long word', `echo ${'x'.repeat(2_000_000)}`],
    ['many commands', 'a;'.repeat(100_000)],
    ['many here-documents', 'cat <<A\n'.repeat(2_000)],
  ])('gets through deep or long %s', { timeout: 60_000 }, (_, text) => {
    for (const dialect of dialects) expect(parseWhole(text, dialect)).toBeGreaterThanOrEqual(0)
  })
})
