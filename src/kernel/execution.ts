/** Runs a process's program for one move: a machine's step, or a coroutine up to its next block. */
import { Errno } from '../vfs/errno.ts'
import { fromEntry, record } from './journal.ts'
import type { Kernel } from './kernel.ts'
import { exit } from './life.ts'
import { ProcView } from './proc-view.ts'
import { isAlive, type Process } from './process.ts'
import type { Answer, Step } from './program.ts'

/** Hands a program the answer to its last block, and gets its next move. */
export function advance(kernel: Kernel, process: Process, answer: Answer | undefined): Step {
  const { program } = process
  if (!program) return 'again'
  if (program.kind === 'machine') {
    const view = (process.view ??= new ProcView(kernel, process))
    if (process.data === null) process.data = program.start(view)
    try {
      return program.step(view, process.data, answer)
    } catch (error) {
      return crashed(kernel, process, error)
    }
  }
  try {
    if (!process.generator) rebuild(kernel, process, answer !== undefined)
    if (answer) record(process, answer)
    const generator = process.generator
    if (!generator) return { exit: { code: 0 } }
    const next = answer && 'error' in answer ? generator.throw(answer.error) : generator.next(answer?.value)
    return next.done ? { exit: { code: next.value & 255 } } : { block: next.value }
  } catch (error) {
    return crashed(kernel, process, error)
  }
}

/**
 * Starts a coroutine, or brings it back to where it was by giving it the journal's answers again. The answer
 * that comes next is then handed to it by `advance`.
 */
function rebuild(kernel: Kernel, process: Process, resumed: boolean): void {
  const { program } = process
  if (program?.kind !== 'coroutine') return
  const view = new ProcView(kernel, process)
  const generator = program.main(view, process.data ?? undefined)
  process.generator = generator
  process.view = view
  if (!resumed) return
  view.startReplay()
  for (let next = generator.next(); !next.done; ) {
    const entry = view.replayNext()
    if (!entry) break
    const past = fromEntry(entry)
    next = 'error' in past ? generator.throw(past.error) : generator.next(past.value)
  }
  view.endReplay()
}

/** A fault of a modelled program must not take the engine down: its process ends. Faults of the host go on. */
function crashed(kernel: Kernel, process: Process, error: unknown): Step {
  if (
    error instanceof Errno ||
    error instanceof RangeError ||
    error instanceof TypeError ||
    error instanceof SyntaxError
  ) {
    // Whom the OOM killer took has nothing more to say.
    if (!isAlive(process)) return { exit: { signal: 'KILL' } }
    // More text than the host can hold is more memory than the machine has.
    if (error.message === 'Invalid string length') {
      kernel.sandbox(process.sandbox).group.counters.oomKill++
      kernel.hooks.oom?.({ sandbox: process.sandbox, time: kernel.time, messages: [] })
      exit(kernel, process, { signal: 'KILL' }, true)
      return { exit: { signal: 'KILL' } }
    }
    kernel.hooks.output({
      sandbox: process.sandbox,
      target: process.exec,
      stream: 'stderr',
      data: Buffer.from(`${process.comm}: ${error.message}\n`),
      time: kernel.time,
    })
    return { exit: { code: 1 } }
  }
  throw error
}
