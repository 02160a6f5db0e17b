/** killall: sends a signal to all processes with a name (busybox and psmisc). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { signalList } from './lib/kill-list.ts'
import { processesNamed } from './lib/match-processes.ts'
import { signalName, signalNumber } from './lib/signal-names.ts'

export const options = {
  signal: '-s=SIGNAL -SIGNAL  the signal to send instead of TERM',
  list: '-l  list signal names',
  quiet: '-q  do not complain when no process was found',
}

export const program = command(
  'killall',
  options,
  function* ({ p, out, args, gnu, error }) {
    const rest = [...args]
    let signal = 15
    let quiet = false
    for (let arg = rest[0]; arg?.startsWith('-') && arg.length > 1; arg = rest[0]) {
      rest.shift()
      if (arg === '--') break
      if (arg === '-l') {
        yield* out.write(signalList(gnu))
        return 0
      }
      if (arg === '-q' || arg === '--quiet') quiet = true
      else {
        const name = arg === '-s' || arg === '--signal' ? (rest.shift() ?? '') : arg.replace(/^-(-signal=)?/, '')
        const number = signalNumber(name)
        if (number === undefined)
          throw new Failure(gnu ? `${name}: unknown signal; killall -l lists signals.` : `bad signal name '${name}'`)
        signal = number
      }
    }
    if (rest.length === 0) {
      if (!gnu) throw new Failure('you need to specify whom to kill')
      yield {
        op: 'write',
        fd: 2,
        data: Buffer.from('Usage: killall [ -Z CONTEXT ] [ -u USER ] [ -y TIME ] [ -o TIME ] [ -eIgiqrvw ]\n'),
      }
      return 1
    }
    let status = 0
    for (const name of rest) {
      const found = (yield* processesNamed(p, name)).filter(info => info.pid !== p.pid)
      if (found.length === 0) {
        status = 1
        if (!quiet && gnu) yield { op: 'write', fd: 2, data: Buffer.from(`${name}: no process found\n`, 'latin1') }
        else if (!quiet) yield* error(`${name}: no process killed`)
      }
      for (const { pid } of found) {
        try {
          p.kill(pid, signal === 0 ? 0 : signalName(signal))
        } catch (thrown) {
          if (!isErrno(thrown)) throw thrown
          status = 1
          if (!quiet)
            yield* error(gnu ? `${name}(${pid}): ${thrown.message}` : `can't kill pid ${pid}: ${thrown.message}`)
        }
      }
    }
    return status
  },
  { raw: true },
)
