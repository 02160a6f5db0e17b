/** comm: lines of two sorted files: only in the first, only in the second, in both. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { Lines, openInput } from './lib/input.ts'

export const options = {
  one: '-1  without lines only in the first file',
  two: '-2  without lines only in the second file',
  three: '-3  without lines in both',
  check: 'gnu: --check-order  ignored',
  noCheck: 'gnu: --nocheck-order  ignored',
  separator: 'gnu: --output-delimiter=STR  between columns',
  total: 'gnu: --total  a summary',
  zero: 'gnu: -z --zero-terminated  lines end with NUL',
}

export const program = command(
  'comm',
  options,
  function* ({ p, out, options: given, args, error }) {
    const separator = given.value('separator') ?? '\t'
    const end = given.has('zero') ? '\0' : '\n'
    const inputs: Lines[] = []
    for (const file of args) {
      try {
        inputs.push(new Lines(p, yield* openInput(file), end))
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        throw new Failure(`${file}: ${thrown.message}`)
      }
    }
    const [left, right] = inputs
    if (!left || !right) return 1
    const shown = [!given.has('one'), !given.has('two'), !given.has('three')]
    const counts = [0, 0, 0]
    let [a, b] = [yield* left.next(), yield* right.next()]
    let status = 0
    while (a !== undefined || b !== undefined) {
      const column = b === undefined || (a !== undefined && a < b) ? 0 : a === undefined || a > b ? 1 : 2
      counts[column] = (counts[column] ?? 0) + 1
      const text = column === 1 ? b : a
      if (shown[column]) yield* out.write(separator.repeat(shown.slice(0, column).filter(Boolean).length) + text + end)
      const [lastA, lastB]: [string | undefined, string | undefined] = [a, b]
      if (column !== 1) a = yield* left.next()
      if (column !== 0) b = yield* right.next()
      const disorder = (now: string | undefined, before: string | undefined) =>
        now !== undefined && before !== undefined && now < before
      if (status === 0 && (disorder(a, lastA) || disorder(b, lastB)) && !given.has('noCheck') && p.flavour === 'gnu') {
        yield* error(`file ${disorder(a, lastA) ? 1 : 2} is not in sorted order`)
        status = 1
      }
    }
    if (given.has('total')) yield* out.write(`${counts.join(separator)}${separator}total${end}`)
    if (status === 1) yield* error('input is not in sorted order')
    return status
  },
  { operands: [2, 2] },
)
