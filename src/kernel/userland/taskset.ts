/** taskset, linux32 and linux64: run a program with another affinity or personality, which the model has one of. */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'

export const options = { pid: '-p=PID --pid=PID  affinity of a process', list: '-c --cpu-list  lists of processors' }

export const program = command(
  'taskset',
  options,
  function* ({ p, out, options: given, args }) {
    if (p.name !== 'taskset') return yield* becomeProgram(p, args.length > 0 ? args : ['/bin/sh'])
    const pid = given.value('pid')
    if (pid !== undefined) {
      const last = args[0] ?? pid
      yield* out.write(
        given.has('list') ? `pid ${last}'s current affinity list: 0,1\n` : `pid ${last}'s current affinity mask: 3\n`,
      )
      return 0
    }
    if (args.length < 2) throw new UsageError('')
    return yield* becomeProgram(p, args.slice(1))
  },
  { stopAtOperand: true },
)
