/** What a signal does to the process it is sent to. */
import { Errno } from '../vfs/errno.ts'
import type { Kernel } from './kernel.ts'
import { exit, tellParent } from './life.ts'
import { isAlive, type Process } from './process.ts'
import type { Block } from './program.ts'
import type { Sandbox } from './sandbox.ts'
import { defaultAction, type SignalName } from './signals.ts'

/** Sends a signal; PID 1 is deaf to what it has no handler for (pid_namespaces(7)). */
export function deliver(kernel: Kernel, process: Process, signal: SignalName, outside: boolean, sender = 0): void {
  if (!isAlive(process)) return
  const action = signal === 'KILL' || signal === 'STOP' ? 'default' : (process.dispositions.get(signal) ?? 'default')
  if (signal === 'CONT' && process.stopped) {
    process.stopped = false
    process.stopSignal = undefined
    kernel.scheduler.changed()
    if (process.state === 'ready') kernel.scheduler.enqueue(process)
    // What it waited for is asked for again: a terminal may be its own now.
    else if (process.block) kernel.scheduler.wake(process)
    for (const kept of process.pending.splice(0)) deliver(kernel, process, kept, outside)
  }
  if (action === 'ignore') return
  if (action === 'catch') {
    process.caught.push(signal)
    process.sender = sender
    if (process.block && interruptible(process.block)) kernel.scheduler.wake(process, { error: new Errno('EINTR') })
    return
  }
  const does = defaultAction(signal)
  if (does === 'ignore' || does === 'continue') return
  if (process.pid === 1 && !(outside && (signal === 'KILL' || signal === 'STOP'))) return
  if (does === 'stop') {
    // The terminal does not stop whom no shell could let go on (setpgid(2), orphaned process groups).
    if (signal !== 'STOP' && isOrphaned(kernel, process)) return
    if (process.stopped) return
    process.stopped = true
    kernel.scheduler.changed()
    process.stopSignal = signal
    tellParent(kernel, kernel.sandbox(process.sandbox), process)
    return
  }
  if (process.stopped && signal !== 'KILL') {
    process.pending.push(signal)
    return
  }
  exit(kernel, process, { signal })
}

export function signalGroup(kernel: Kernel, sandbox: Sandbox, pgid: number, signal: SignalName): boolean {
  let found = false
  for (const process of [...sandbox.pids.processes.values()]) {
    if (process.pgid !== pgid || !isAlive(process)) continue
    found = true
    deliver(kernel, process, signal, false)
  }
  return found
}

/** Whether nobody of a process's session, outside of its group, is the parent of one in the group. */
export function isOrphaned(kernel: Kernel, process: Process): boolean {
  const { processes } = kernel.sandbox(process.sandbox).pids
  for (const member of processes.values()) {
    if (member.pgid !== process.pgid || !isAlive(member)) continue
    const parent = processes.get(member.ppid)
    if (parent && isAlive(parent) && parent.pgid !== member.pgid && parent.sid === member.sid) return false
  }
  return true
}

const interruptible = (block: Block): boolean => block.op !== 'cpu' && block.op !== 'exec'
