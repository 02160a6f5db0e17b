/** setsid: runs a program in a session of its own. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { becomeProgram, execFailure } from './lib/run.ts'
import { execFailureStatus, exitCode, spawnProgram, waitFor } from './lib/spawn.ts'

export const options = {
  terminal: '-c --ctty  take the terminal as controlling terminal',
  fork: 'gnu: -f --fork  always fork',
  wait: 'gnu: -w --wait  wait for the program and return its status',
}

export const program = command(
  'setsid',
  options,
  function* ({ p, options: given, args, gnu }) {
    const words = (name: string, reason: string) => `failed to execute ${name}: ${reason}`
    // A group's leader cannot make a session: the program then runs in a child that nobody waits for.
    if (p.pgid !== p.pid && !given.has('fork')) {
      p.setsid()
      yield* becomeProgram(p, args, { gnuWords: words })
    }
    try {
      const pid = spawnProgram(p, args, { newSession: true })
      return given.has('wait') ? exitCode(yield* waitFor(pid)) : 0
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      // The child is the one that fails and says so.
      throw new Failure(
        execFailure(p, args[0] ?? '', thrown.message, words),
        gnu && given.has('wait') ? execFailureStatus(thrown) : 0,
      )
    }
  },
  { stopAtOperand: true, operands: [1, Number.POSITIVE_INFINITY] },
)
