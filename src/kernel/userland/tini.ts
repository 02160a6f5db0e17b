/**
 * tini, which Docker puts in as /sbin/docker-init with `--init`: runs one program as its child, passes signals on
 * to it, reaps every orphan, and ends as the program ended.
 */
import { isErrno } from '../../vfs/errno.ts'
import type { ExitStatus, Proc } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { execFailureStatus, exitCode, spawnProgram } from './lib/spawn.ts'

export const options = {
  group: '-g  signal the whole process group of the program',
  subreaper: '-s  register as a subreaper',
  verbose: '-v  verbose',
  warn: '-w  warn when processes are reaped',
  death: '-p=SIGNAL  signal when the parent dies',
  expect: '-e=CODE  take this exit code as 0',
  license: '-l  the licence',
  version: '--version  the version',
}

/** Everything that can be caught and is not about tini itself. */
const passed =
  'HUP INT QUIT ABRT USR1 USR2 PIPE ALRM TERM CONT TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR'.split(' ')

export const program = command(
  'tini',
  options,
  function* ({ p, options: given, args, saved }) {
    const fail = function* (level: string, text: string) {
      yield { op: 'write' as const, fd: 2, data: toBytes(`[${level.padEnd(5)} tini (${p.pid})] ${text}\n`) }
    }
    if (args.length === 0) {
      yield {
        op: 'write',
        fd: 2,
        data: toBytes(
          `${p.name} (tini version 0.19.0)\nUsage: ${p.name} [OPTIONS] PROGRAM -- [ARGS] | --version\n\nExecute a program under the supervision of a valid init process (${p.name})\n`,
        ),
      }
      return 1
    }
    let child = typeof saved === 'number' ? saved : -1
    if (child === -1) {
      for (const signal of passed) p.sigaction(signal, 'catch')
      try {
        child = spawnProgram(p, args, { pgid: 0 })
        takeTerminal(p, child)
      } catch (error) {
        if (!isErrno(error)) throw error
        yield* fail('FATAL', `exec ${args[0]} failed: ${error.message}`)
        return execFailureStatus(error)
      }
    }
    const expected = given.values('expect').map(Number)
    for (;;) {
      p.checkpoint(child)
      try {
        const { pid, status } = (yield { op: 'wait', pid: -1 }) as { pid: number; status: ExitStatus }
        if (pid !== child) continue
        const code = exitCode(status)
        return expected.includes(code) ? 0 : code
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
      }
      for (let signal = p.takeSignal(); signal !== undefined; signal = p.takeSignal()) {
        try {
          p.kill(given.has('group') ? -child : child, signal)
        } catch (error) {
          if (!isErrno(error)) throw error
        }
      }
    }
  },
  { stopAtOperand: true },
)

/** On a terminal the program's group gets the foreground. */
function takeTerminal(p: Proc, child: number): void {
  try {
    if (p.isatty(0)) p.tcsetpgrp(0, child)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}
