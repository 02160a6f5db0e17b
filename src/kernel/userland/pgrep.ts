/** pgrep: finds processes by a pattern (busybox and procps). */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { matchOptions, matchProcesses } from './lib/pgrep.ts'
import { printable } from './lib/processes.ts'

export const options = {
  ...matchOptions,
  name: '-l --list-name  the name too',
  all: '-a --list-full  the whole command line too',
  count: 'gnu: -c --count  only the number of matches',
  delimiter: 'gnu: -d=TEXT --delimiter=TEXT  what stands between numbers',
}

export const program = command(
  'pgrep',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    if (args.length === 0 && !gnu && !given.has('parent') && !given.has('session'))
      throw new Failure('no pattern given')
    const found = yield* matchProcesses(p, given, args)
    if (given.has('count')) {
      yield* out.write(`${found.length}\n`)
      return found.length > 0 ? 0 : 1
    }
    const lines = found.map(info => {
      if (given.has('all')) return `${info.pid} ${printable(info.argv.join(' ')) || info.comm}`
      if (!given.has('name')) return String(info.pid)
      return `${info.pid} ${!gnu && given.has('full') ? printable(info.argv.join(' ')) : info.comm}`
    })
    if (lines.length > 0) yield* out.write(`${lines.join(given.value('delimiter') ?? '\n')}\n`)
    return found.length > 0 ? 0 : 1
  },
  { gnuErrorStatus: 2 },
)
