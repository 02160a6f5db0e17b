/** killall5: sends a signal to every process outside its own session. */
import type { CoroutineProgram } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { processes } from './lib/processes.ts'
import { signalName, signalNumber } from './lib/signal-names.ts'
import { program as pidof } from './pidof.ts'

export const options = { signal: '-SIGNAL  the signal to send instead of TERM', omit: '-o=PID  leave out this process' }

/** Debian's pidof is a link to killall5. */
export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'killall5',
  main: (p, saved) => (p.name === 'pidof' ? pidof : killall5).main(p, saved),
}

const killall5 = command(
  'killall5',
  options,
  function* ({ p, args }) {
    let signal = 15
    const omit: number[] = []
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] ?? ''
      if (arg === '-o') omit.push(...(args[++i] ?? '').split(',').map(Number))
      else if (arg.startsWith('-')) {
        const number = signalNumber(arg.slice(1))
        if (number === undefined) throw new Failure(`bad signal name '${arg.slice(1)}'`)
        signal = number
      }
    }
    let killed = false
    for (const info of yield* processes(p)) {
      if (info.sid === p.sid || info.pid === p.pid || info.pid === 1 || omit.includes(info.pid)) continue
      p.kill(info.pid, signal === 0 ? 0 : signalName(signal))
      killed = true
    }
    return killed ? 0 : 2
  },
  { raw: true },
)
