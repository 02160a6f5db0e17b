/** tty: the terminal that standard input is. */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'

export const options = { silent: '-s --silent --quiet  print nothing, only set the exit status' }

export const program = command(
  'tty',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    if (args.length > 0 && gnu) throw new UsageError(`extra operand '${args[0]}'`)
    const terminal = p.isatty(0)
    if (!given.has('silent')) yield* out.write(`${terminal ? p.fstat(0).path : 'not a tty'}\n`)
    if (args.length > 0) yield* error('ignoring all arguments')
    return terminal ? 0 : 1
  },
  { errorStatus: 2 },
)
