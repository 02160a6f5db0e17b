/** pkill: signals processes that match a pattern (busybox and procps). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { signalList } from './lib/kill-list.ts'
import { matchOptions, matchProcesses } from './lib/pgrep.ts'
import { signalName, signalNumber } from './lib/signal-names.ts'

export const options = {
  ...matchOptions,
  signal: '--signal=SIGNAL  the signal to send instead of TERM; also -SIGNAL',
  list: 'busybox: -l  list signal names',
  echo: 'gnu: -e --echo  say what is killed',
  count: 'gnu: -c --count  print the number of matches',
}

export const program = command(
  'pkill',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    if (given.has('list')) {
      yield* out.write(signalList(false))
      return 0
    }
    const text = given.value('signal') ?? 'TERM'
    const signal = signalNumber(text)
    if (signal === undefined)
      throw new Failure(gnu ? `Unknown signal '${text}'.` : `bad signal name '${text}'`, gnu ? 2 : 1)
    const found = yield* matchProcesses(p, given, args)
    let killed = 0
    for (const info of found) {
      try {
        p.kill(info.pid, signal === 0 ? 0 : signalName(signal))
        killed++
        if (given.has('echo')) yield* out.write(`${info.comm} killed (pid ${info.pid})\n`)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        if (thrown.code !== 'ESRCH') {
          yield* error(
            gnu ? `killing pid ${info.pid} failed: ${thrown.message}` : `can't kill pid ${info.pid}: ${thrown.message}`,
          )
        }
      }
    }
    if (given.has('count')) yield* out.write(`${found.length}\n`)
    return killed > 0 ? 0 : 1
  },
  { gnuErrorStatus: 2, rewrite: signalFirst },
)

/** `-9` and `-HUP` become `--signal=9`: they look like bundles of other options. */
function signalFirst(args: string[]): string[] {
  return args.map(arg => {
    const name = /^-(\d+|SIG[A-Z0-9]+|[A-Z][A-Z0-9+-]*)$/.exec(arg)?.[1]
    return name !== undefined && (name.length > 1 || /\d/.test(name)) && signalNumber(name) !== undefined
      ? `--signal=${name}`
      : arg
  })
}
