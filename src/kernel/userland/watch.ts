/** watch: runs a command again and again on a cleared screen (busybox and procps). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { screenSize } from './lib/screen.ts'
import { parseSeconds } from './lib/seconds.ts'
import { exitCode, spawnProgram, waitFor } from './lib/spawn.ts'
import { strftime } from './lib/strftime.ts'
import { breakDown, zoneFor } from './lib/zone.ts'

export const options = {
  interval: '-n=SEC --interval=SEC  period (default 2)',
  title: '-t --no-title  no header',
  differences: 'gnu: -d --differences  accepted',
  exec: 'gnu: -x --exec  no shell in between',
  exitOnError: 'gnu: -e --errexit  leave when the command fails',
  exitOnChange: 'gnu: -g --chgexit  accepted',
  color: 'gnu: -c --color  accepted',
  beep: 'gnu: -b --beep  accepted',
}

export const program = command(
  'watch',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    const text = given.value('interval') ?? '2'
    const seconds = parseSeconds(text, gnu)
    if (seconds === undefined)
      throw new Failure(gnu ? `failed to parse argument: '${text}': Invalid argument` : `invalid number '${text}'`)
    const period = Math.max(0.1, seconds)
    const line = args.join(' ')
    const host = gnu ? `${p.uname().nodename}: ` : ''
    const argv = given.has('exec') ? args : ['/bin/sh', '-c', line]
    for (;;) {
      p.checkpoint(1)
      yield* out.write('\x1b[H\x1b[J')
      if (!given.has('title')) {
        const width = p.isatty(1) ? screenSize(p, 1).cols : 80
        const time = breakDown(p.now(), zoneFor(p.env.get('TZ')))
        const stamp = host + (gnu ? strftime('%c', time) : strftime('%Y-%m-%d %H:%M:%S', time))
        const head = `Every ${period.toFixed(1)}s: ${line}`
        yield* out.write(
          `${head.slice(0, Math.max(0, width - stamp.length - 1)).padEnd(width - stamp.length)}${stamp}\n\n`,
        )
      }
      yield* out.flush()
      try {
        const code = exitCode(yield* waitFor(spawnProgram(p, argv)))
        if (code !== 0 && given.has('exitOnError')) return 8
      } catch (error) {
        if (!isErrno(error)) throw error
        throw new Failure(
          gnu ? `unable to execute '${argv[0]}': ${error.message}` : `can't execute '${argv[0]}': ${error.message}`,
          127,
        )
      }
      yield { op: 'sleep', ms: period * 1000 }
    }
  },
  { stopAtOperand: true, operands: [1, Number.POSITIVE_INFINITY] },
)
