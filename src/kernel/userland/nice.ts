/** nice: runs a program at another priority, or tells the own one. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'

export const options = { adjustment: '-n --adjustment=N  add N to the niceness (default 10)' }

export const program = command(
  'nice',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    const text = given.value('adjustment')
    if (args.length === 0) {
      if (text !== undefined) throw new UsageError(gnu ? 'a command must be given with an adjustment' : '')
      yield* out.write(`${p.nice(0)}\n`)
      return 0
    }
    const by = text?.replace(/^-(?=[+-]?\d)/, '') ?? '10'
    if (!/^[+-]?\d+$/.test(by)) throw new Failure(gnu ? `invalid adjustment '${text}'` : `invalid number '${text}'`)
    try {
      p.nice(Number(by))
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      if (!gnu) throw new Failure(`setpriority: ${thrown.message}`)
      yield* error(`cannot set niceness: ${thrown.message}`)
    }
    return yield* becomeProgram(p, args, { gnuWords: (name, reason) => `'${name}': ${reason}` })
  },
  { stopAtOperand: true, digits: 'adjustment', gnuErrorStatus: 125 },
)
