/** How processes end: files closed, children handed on, the parent told, the namespace taken down with its PID 1. */
import { stopWaiting } from './blocks.ts'
import { closeAll } from './descriptors.ts'
import type { Kernel } from './kernel.ts'
import { hostNamespace } from './pid-namespace.ts'
import { isAlive, type Process } from './process.ts'
import type { ExitStatus } from './program.ts'
import type { Sandbox } from './sandbox.ts'
import { deliver, signalGroup } from './signal-delivery.ts'

/** Ends a process: files closed, children handed to PID 1, the parent told. */
export function exit(kernel: Kernel, process: Process, status: ExitStatus, oom = false): void {
  if (!isAlive(process)) return
  const sandbox = kernel.sandbox(process.sandbox)
  process.state = 'zombie'
  process.status = status
  // Forgotten, not closed: what a program would do at its end (its `finally`) is not done by one that is killed.
  process.generator = undefined
  process.block = undefined
  process.memory = 0
  stopWaiting(process)
  closeAll(kernel, process)
  kernel.scheduler.forget(other => other === process)
  if (process.pid === sandbox.mainPid) {
    endSandbox(kernel, sandbox, process, status, oom)
    return
  }
  handOver(kernel, sandbox, process)
  if (process.ppid === 0) {
    reap(kernel, sandbox, process)
    if (process.exec !== '') {
      hangUp(kernel, sandbox, process.exec)
      sandbox.inputs.delete(process.exec)
      kernel.hooks.exited({ sandbox: sandbox.id, exec: process.exec, status, time: kernel.time, oom })
    }
    return
  }
  tellParent(kernel, sandbox, process)
}

/** The children of a process that has ended go to PID 1 of their namespace; the host's takes them away at once. */
function handOver(kernel: Kernel, sandbox: Sandbox, process: Process): void {
  const onHost = sandbox.pids.id === hostNamespace
  for (const child of [...sandbox.processes.values()]) {
    if (child.ppid !== process.pid || child === process) continue
    child.ppid = onHost ? 0 : 1
    if (isAlive(child)) continue
    if (onHost) reap(kernel, sandbox, child)
    else tellParent(kernel, sandbox, child)
  }
}

/** The leader of a terminal's session is gone: its foreground processes are told, and reading it ends. */
function hangUp(kernel: Kernel, sandbox: Sandbox, exec: string): void {
  const input = sandbox.inputs.get(exec)
  if (!input || !('pty' in input)) return
  const { pty } = input
  pty.hungUp = true
  signalGroup(kernel, sandbox, pty.foreground, 'HUP')
  kernel.scheduler.notify(pty.waiters)
}

export function tellParent(kernel: Kernel, sandbox: Sandbox, process: Process): void {
  const parent = sandbox.pids.processes.get(process.ppid)
  if (!parent || !isAlive(parent)) return
  if (parent.dispositions.get('CHLD') === 'ignore' && !isAlive(process)) {
    reap(kernel, sandbox, process)
    if (parent.block?.op === 'wait') kernel.scheduler.wake(parent)
    return
  }
  if (parent.block?.op === 'wait') kernel.scheduler.wake(parent)
  deliver(kernel, parent, 'CHLD', false, process.pid)
}

/** Removes an ended process from the table. */
export function reap(kernel: Kernel, sandbox: Sandbox, process: Process): void {
  sandbox.processes.delete(process.pid)
  sandbox.pids.processes.delete(process.pid)
  kernel.processes.delete(process.key)
  sandbox.group.counters.goneCpuMs += process.cpuMs
  const parent = sandbox.pids.processes.get(process.ppid)
  if (parent) parent.childCpuMs += process.cpuMs + process.childCpuMs
}

/**
 * The main process is gone, and with it everything of its container: the kernel kills what is in a namespace whose
 * PID 1 ends, runc what was started in one that is shared.
 */
function endSandbox(kernel: Kernel, sandbox: Sandbox, main: Process, status: ExitStatus, oom: boolean): void {
  for (const process of [...sandbox.processes.values()]) {
    if (process === main) continue
    if (isAlive(process)) {
      process.state = 'zombie'
      process.generator = undefined
      stopWaiting(process)
      closeAll(kernel, process)
      if (process.exec !== '')
        kernel.hooks.exited({
          sandbox: sandbox.id,
          exec: process.exec,
          status: { signal: 'KILL' },
          time: kernel.time,
          oom: false,
        })
    }
    reap(kernel, sandbox, process)
  }
  kernel.scheduler.forget(process => process.sandbox === sandbox.id)
  reap(kernel, sandbox, main)
  sandbox.inputs.clear()
  sandbox.ptys.clear()
  kernel.hooks.exited({ sandbox: sandbox.id, exec: '', status, time: kernel.time, oom })
  // Containers that had joined the namespace lose all of their processes.
  if (sandbox.pids.id === sandbox.id && sandbox.id !== hostNamespace)
    for (const other of [...sandbox.pids.processes.values()]) deliver(kernel, other, 'KILL', true)
}
