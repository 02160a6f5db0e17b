/** arch: the machine's hardware name. */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'

export const options = {}

export const program = command('arch', options, function* ({ p, out, args, gnu }) {
  if (gnu && args.length > 0) throw new UsageError(`extra operand '${args[0]}'`)
  yield* out.write(`${p.uname().machine}\n`)
  return 0
})
