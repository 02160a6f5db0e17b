/** ionice: runs a program at another I/O priority; the model has one only. */
import { command } from './lib/command.ts'
import { becomeProgram } from './lib/run.ts'

export const options = {
  class: '-c=CLASS --class=CLASS  class',
  level: '-n=N --classdata=N  priority',
  pids: '-p=PIDS --pid=PIDS  processes',
  ignore: '-t --ignore  accepted',
}

export const program = command(
  'ionice',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    if (args.length > 0 && !given.has('pids') && !/^\d+$/.test(args[0] ?? ''))
      yield* becomeProgram(p, args, { gnuWords: (name, reason) => `failed to execute ${name}: ${reason}` })
    if (!given.has('class') && !given.has('level')) yield* out.write(gnu ? 'none: prio 4\n' : 'none: prio 0\n')
    return 0
  },
  { stopAtOperand: true },
)
