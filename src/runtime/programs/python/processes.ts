/** Other programs from Python: what `subprocess`, `os.system` and servers with workers are made of (assets/python). */

import type { Block, ExitStatus, Proc } from '../../../kernel/program.ts'
import { signalNumber } from '../../../kernel/userland/lib/signal-names.ts'
import { spawnProgram } from '../../../kernel/userland/lib/spawn.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { guarded, latin } from './builtins.ts'
import type { Interpreter } from './interp.ts'
import { PyBytes, PyDict, PyList, type PyModule, type PyNative, PyTuple, type Run, type Value } from './objects.ts'

type Call = PyNative['call']

/** A child's status as Python has it: the exit code, or the signal's number below zero. */
function returnCode(status: ExitStatus): bigint {
  return 'code' in status ? BigInt(status.code) : -BigInt(signalNumber(status.signal) ?? 0)
}

/** A block over signals that the program handles. */
function* patient(interp: Interpreter, block: Block): Run<unknown> {
  for (;;) {
    try {
      return yield block
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      yield* interp.signals()
    }
  }
}

const descriptors = (given: Value | undefined): Map<number, number> =>
  new Map(
    given instanceof PyDict ? [...given.map.values()].map(([child, own]) => [Number(child), Number(own)] as const) : [],
  )

const environment = (p: Proc, given: Value | undefined): Map<string, string> =>
  given instanceof PyDict
    ? new Map([...given.map.values()].map(([key, value]) => [latin(String(key)), latin(String(value))]))
    : p.env

/** The module `_process`: spawn, wait, poll, pipe, read, write, close. Errors are Python's OSError. */
export function processes(
  interp: Interpreter,
  module: (name: string, entries: Record<string, Value | Call>) => PyModule,
): void {
  const { p } = interp
  module('_process', {
    *spawn([argv, env, cwd, fds]) {
      const words = (argv instanceof PyList || argv instanceof PyTuple ? argv.items : [argv as Value]).map(word =>
        word instanceof PyBytes ? word.text : latin(String(word)),
      )
      // biome-ignore lint/correctness/useYield: done at once
      return yield* guarded(interp, words[0], function* () {
        const pid = spawnProgram(p, words, {
          env: environment(p, env),
          fds: new Map([[0, 0], [1, 1], [2, 2], ...descriptors(fds)]),
          ...(cwd !== null && cwd !== undefined && { cwd: latin(String(cwd)) }),
        })
        return BigInt(pid)
      })
    },
    *wait([pid]) {
      return yield* guarded(interp, undefined, function* () {
        const ended = (yield* patient(interp, { op: 'wait', pid: Number(pid) })) as { pid: number; status: ExitStatus }
        return new PyTuple([BigInt(ended.pid), returnCode(ended.status)])
      })
    },
    *poll([pid]) {
      // biome-ignore lint/correctness/useYield: done at once
      return yield* guarded(interp, undefined, function* () {
        const ended = p.tryWait(Number(pid))
        return ended === undefined ? null : returnCode(ended.status)
      })
    },
    pipe: () => new PyTuple(p.pipe().map(BigInt)),
    *read([fd]) {
      return yield* guarded(interp, undefined, function* () {
        const data = (yield* patient(interp, { op: 'read', fd: Number(fd), length: 65_536 })) as Uint8Array
        return new PyBytes(Buffer.from(data).toString('latin1'))
      })
    },
    /** The descriptors that have something to read, or are at their end; [] after so many seconds. */
    *ready([fds, seconds]) {
      const wanted = (fds as PyList).items.map(fd => ({ fd: Number(fd), event: 'in' as const }))
      const ms = seconds === null || seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000
      return new PyList(((yield* patient(interp, { op: 'poll', fds: wanted, ms })) as number[]).map(BigInt))
    },
    *write([fd, data]) {
      return yield* guarded(interp, undefined, function* () {
        yield* patient(interp, { op: 'write', fd: Number(fd), data: Buffer.from((data as PyBytes).text, 'latin1') })
        return null
      })
    },
    close([fd]) {
      p.close(Number(fd))
      return null
    },
    open: ([path, write]) => BigInt(p.open(latin(String(path)), write === true ? { write: true } : { read: true })),
  })
}
