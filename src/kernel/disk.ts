/** The machine's disk: how long its transfers take where io.max of a group on the way says so. */

import { noPressure, type Resource } from '../cgroup/pressure.ts'
import type { Cgroup } from '../cgroup/tree.ts'
import type { Kernel } from './kernel.ts'
import type { Process } from './process.ts'

/** A transfer by a process, which goes on when the slowest group on the way has let it through. */
export function transfer(kernel: Kernel, process: Process, direction: 'read' | 'write', bytes: number): void {
  const { group } = kernel.sandbox(process.sandbox)
  for (const each of group.chain) {
    const { io } = each.limits
    if (!io) continue
    const rate = direction === 'read' ? io.rbps : io.wbps
    const operations = direction === 'read' ? io.riops : io.wiops
    const cost = Math.max(rate === undefined ? 0 : bytes / rate, operations === undefined ? 0 : 1 / operations) * 1000
    if (cost === 0) continue
    const at = direction === 'read' ? 'readReadyAt' : 'writeReadyAt'
    each.counters[at] = Math.max(each.counters[at] ?? 0, kernel.time) + cost
    stall(kernel, process, 'io', each.counters[at])
  }
}

/** Makes a process wait until a moment, once its present call is done: it is counted as a stall of its groups. */
export function stall(kernel: Kernel, process: Process, resource: Resource, until: number): void {
  if (until <= Math.max(kernel.time, process.stalledUntil ?? 0)) return
  process.stalledUntil = until
  for (const group of kernel.sandbox(process.sandbox).group.chain)
    group.counters.stalls = {
      ...group.counters.stalls,
      [resource]: Math.max(group.counters.stalls?.[resource] ?? 0, until),
    }
}

/** The pressure of a group for a resource, made when it is first counted. */
export function pressureOf(group: Cgroup, resource: Resource, now: number) {
  const pressures = (group.counters.pressure ??= {})
  return (pressures[resource] ??= noPressure(now))
}
