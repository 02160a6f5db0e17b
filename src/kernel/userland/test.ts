/** test and [: conditions. */
import { command } from './lib/command.ts'
import { evaluateTest, TestError } from './lib/test-expression.ts'

export const options = {}

export const program = command(
  'test',
  options,
  function* ({ p, args, gnu, error }) {
    let words = args
    if (p.name === '[' || p.name === '[[') {
      const close = p.name === '[' ? ']' : ']]'
      if (words.at(-1) !== close) {
        yield* error(gnu ? `missing '${close}'` : `missing ${close}`)
        return 2
      }
      words = words.slice(0, -1)
    }
    try {
      return evaluateTest(p, words, gnu) ? 0 : 1
    } catch (thrown) {
      if (!(thrown instanceof TestError)) throw thrown
      yield* error(thrown.message)
      return 2
    }
  },
  { raw: true },
)
