/** Who sees which processes, and by what number (pid_namespaces(7)). */
import type { Kernel } from './kernel.ts'
import type { Process } from './process.ts'
import type { PidNamespace, Sandbox } from './sandbox.ts'

/** Id of the namespace that has all processes of the machine in it. */
export const hostNamespace = 'host'

/** A number of a namespace as the host has it; 0, nobody, is the shim that started the first process. */
export function hostNumber(pids: PidNamespace, pid: number): number {
  if (pids.id === hostNamespace) return pid
  return pid === 0 ? shimPid(pids.hostBase) : pids.hostBase + pid - 1
}

/** The shim of a container was started before its main process. */
export const shimPid = (mainPid: number): number => mainPid - 20

/** A process as someone sees it: `number` says a number of the process's own namespace in the viewer's. */
export interface Seen {
  pid: number
  process: Process
  number(pid: number): number
}

/** Whether the namespace of a process is below that of a sandbox: signals from there come from outside. */
export const isAbove = (kernel: Kernel, viewer: Sandbox, process: Process): boolean =>
  viewer.pids.id === hostNamespace && kernel.sandbox(process.sandbox).pids.id !== hostNamespace

/** The next number that nobody has. */
export function freePid(pids: PidNamespace): number {
  let pid = pids.nextPid
  while (pids.processes.has(pid)) pid++
  return pid
}

const itself = (pid: number): number => pid

/** Every process that those of a sandbox see. */
export function visible(kernel: Kernel, viewer: Sandbox): Seen[] {
  if (viewer.pids.id !== hostNamespace)
    return [...viewer.pids.processes.values()].map(process => ({ pid: process.pid, process, number: itself }))
  return [...kernel.processes.values()].map(process => seenFromHost(kernel, process))
}

/** The process that has a number for those of a sandbox. */
export function visibleAt(kernel: Kernel, viewer: Sandbox, pid: number): Seen | undefined {
  if (viewer.pids.id === hostNamespace) return visible(kernel, viewer).find(seen => seen.pid === pid)
  const process = viewer.pids.processes.get(pid)
  return process && { pid, process, number: itself }
}

function seenFromHost(kernel: Kernel, process: Process): Seen {
  const { pids } = kernel.sandbox(process.sandbox)
  const number = (pid: number): number => hostNumber(pids, pid)
  return { pid: number(process.pid), process, number }
}
