/** sleep: waits for the sum of its arguments (POSIX; fractions and suffixes as in GNU and busybox). */
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { parseSeconds } from './lib/seconds.ts'

export const options = {}

export const program = command(
  'sleep',
  options,
  function* ({ args, gnu, error }) {
    if (args.length === 0) throw new UsageError(gnu ? 'missing operand' : '')
    if (!gnu && /^inf/i.test(args[0] ?? '')) {
      yield { op: 'sleep', ms: Number.POSITIVE_INFINITY }
      return 0
    }
    let total = 0
    let wrong = false
    for (const arg of args) {
      const seconds = parseSeconds(arg, gnu)
      if (seconds === undefined && !gnu) throw new Failure(`invalid number '${arg}'`)
      if (seconds === undefined) yield* error(`invalid time interval '${arg}'`)
      wrong ||= seconds === undefined
      total += seconds ?? 0
    }
    if (wrong) throw new UsageError('')
    yield { op: 'sleep', ms: total * 1000 }
    return 0
  },
  // Busybox takes no options: `sleep -1` is a bad number, not a bad option.
  { rewrite: (args, gnu) => (gnu ? args : ['--', ...args]) },
)
