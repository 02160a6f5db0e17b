/** timeout: runs a program and ends it after a time (busybox and coreutils). */
import { isErrno } from '../../vfs/errno.ts'
import type { ExitStatus, Json, Proc, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { backgroundTask, sendToBackground } from './lib/daemon.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { becomeProgram, execFailure } from './lib/run.ts'
import { parseSeconds } from './lib/seconds.ts'
import { signalName, signalNumber } from './lib/signal-names.ts'
import { execFailureStatus, exitCode, spawnProgram, waitFor } from './lib/spawn.ts'

export const options = {
  signal: '-s --signal=SIGNAL  the signal to send instead of TERM',
  kill: '-k --kill-after=SECS  send KILL as well, so much later',
  foreground: 'gnu: --foreground  let the program read from the terminal',
  status: "gnu: --preserve-status  exit with the program's own status even when it timed out",
  verbose: 'gnu: -v --verbose  say what is sent',
}

export const program = command(
  'timeout',
  options,
  function* ({ p, options: given, args, gnu, error, saved }) {
    if (args.length < 2) throw new UsageError('')
    const name = given.value('signal') ?? 'TERM'
    const signal = signalNumber(name)
    if (signal === undefined)
      throw gnu ? new UsageError(`'${name}': invalid signal`) : new Failure(`unknown signal '${name}'`)
    const seconds = (text: string): number => {
      const value = parseSeconds(text, gnu)
      if (value === undefined)
        throw gnu ? new UsageError(`invalid time interval '${text}'`) : new Failure(`invalid number '${text}'`)
      return value
    }
    const killAfter = given.has('kill') ? seconds(given.value('kill') ?? '') : undefined
    const [limitText = '', ...argv] = args
    const limit = seconds(limitText)
    if (!gnu) return yield* busyboxTimeout(p, saved, argv, limit, signal, killAfter)
    if (limit === 0) yield* becomeProgram(p, argv)
    let pid: number
    try {
      pid = spawnProgram(p, argv)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(execFailure(p, argv[0] ?? '', thrown.message), execFailureStatus(thrown))
    }
    for (const passed of ['TERM', 'INT', 'HUP', 'QUIT']) p.sigaction(passed, 'catch')
    const forward = () => {
      for (let caught = p.takeSignal(); caught !== undefined; caught = p.takeSignal()) send(p, pid, caught)
    }
    let status = yield* waitUntil(p, pid, limit, forward)
    if (status) return exitCode(status)
    if (given.has('verbose')) yield* error(`sending signal ${signalName(signal)} to command '${argv[0]}'`)
    send(p, pid, signalName(signal))
    let killed = false
    if (killAfter !== undefined) {
      status = yield* waitUntil(p, pid, killAfter, forward)
      if (!status) {
        if (given.has('verbose')) yield* error(`sending signal KILL to command '${argv[0]}'`)
        send(p, pid, 'KILL')
        killed = true
      }
    }
    status ??= yield* waitUntil(p, pid, Number.POSITIVE_INFINITY, forward)
    const code = status ? exitCode(status) : 0
    if (given.has('status')) return code
    return killed || signal === 9 ? 137 : 124
  },
  { stopAtOperand: true, gnuErrorStatus: 125 },
)

/**
 * Busybox turns itself into the program and leaves a watcher behind, which a shell's `wait` does not see; so the
 * status is the program's own (143 after TERM), and as PID 1 the program does not heed the signal.
 */
function* busyboxTimeout(
  p: Proc,
  saved: Json | undefined,
  argv: readonly string[],
  limit: number,
  signal: number,
  killAfter = 0,
): Routine<number> {
  const [stage, pidText] = backgroundTask(p)?.split(' ') ?? []
  if (stage === 'fork') {
    sendToBackground(p, `watch ${pidText}`)
    return 0
  }
  if (stage !== 'watch') {
    if (limit > 0) yield* waitFor(sendToBackground(p, `fork ${p.pid}`))
    return yield* becomeProgram(p, argv)
  }
  const pid = Number(pidText)
  const phases: [seconds: number, signal: string][] = [
    [limit, signalName(signal)],
    [killAfter, 'KILL'],
  ]
  const state = (saved ?? { phase: 0, left: limit }) as { phase: number; left: number }
  for (let phase = state.phase; phase < phases.length; phase++) {
    const [seconds, name] = phases[phase] ?? [0, 'KILL']
    if (seconds <= 0) break
    for (let left = phase === state.phase ? state.left : seconds; left > 0; left--) {
      p.checkpoint({ phase, left })
      yield { op: 'sleep', ms: Math.min(left, 1) * 1000 }
      if (left > 1 && !isAlive(p, pid)) return 0
    }
    send(p, pid, name)
  }
  return 0
}

function isAlive(p: Proc, pid: number): boolean {
  try {
    p.kill(pid, 0)
    return true
  } catch (error) {
    return !isErrno(error, 'ESRCH')
  }
}

/** The child's end, or undefined when `seconds` pass before it. CHLD cuts the sleep short. */
function* waitUntil(p: Proc, pid: number, seconds: number, forward: () => void): Routine<ExitStatus | undefined> {
  const deadline = p.now() + seconds * 1000
  p.sigaction('CHLD', 'catch')
  for (;;) {
    const done = p.tryWait(pid)
    if (done) return done.status
    const left = deadline - p.now()
    if (left <= 0) return undefined
    try {
      yield { op: 'sleep', ms: left }
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
    }
    forward()
  }
}

function send(p: Proc, pid: number, signal: string): void {
  if (signal === 'CHLD') return
  try {
    p.kill(pid, signal)
  } catch (error) {
    // It may be gone already.
    if (!isErrno(error)) throw error
  }
}
