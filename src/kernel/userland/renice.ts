/** renice: changes priorities. Only its own process can be renamed to the kernel; others are checked and left. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { processInfo } from './lib/processes.ts'

export const options = {
  add: '-n  add to the niceness instead of setting it',
  pids: '-p  the numbers are processes (default)',
  groups: '-g  process groups',
  users: '-u  users',
}

export const program = command(
  'renice',
  options,
  function* ({ p, args, gnu, out, error }) {
    const rest = args.filter(arg => !/^-[pgun]$/.test(arg))
    const relative = args.includes('-n') && !gnu
    const [text, ...ids] = rest
    if (text === undefined || ids.length === 0) throw new UsageError('')
    if (!/^[+-]?\d+$/.test(text)) throw new Failure(`invalid number '${text}'`)
    let status = 0
    for (const id of ids) {
      const info = yield* processInfo(p, Number(id))
      if (!info) {
        yield* error(
          gnu ? `failed to get priority for ${id} (process ID): No such process` : 'setpriority: No such process',
        )
        status = 1
        continue
      }
      const wanted = Math.max(-20, Math.min(19, Number(text) + (relative ? info.nice : 0)))
      if (wanted < info.nice && !mayRaise()) {
        yield* error(
          gnu ? `failed to set priority for ${id} (process ID): Permission denied` : 'setpriority: Permission denied',
        )
        status = 1
        continue
      }
      if (info.pid === p.pid) p.nice(wanted - info.nice)
      if (gnu) yield* out.write(`${id} (process ID) old priority ${info.nice}, new priority ${wanted}\n`)
    }
    return status

    function mayRaise(): boolean {
      try {
        p.nice(-1)
        p.nice(1)
        return true
      } catch (thrown) {
        if (isErrno(thrown)) return false
        throw thrown
      }
    }
  },
  { raw: true },
)
