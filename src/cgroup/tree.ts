/**
 * The tree of control groups, version 2 (Documentation/admin-guide/cgroup-v2.rst): limits at every level, and what
 * each group has used. The processes themselves are the kernel's: a group that holds some is told by its `Members`.
 */

import type { Pressure, Resource } from './pressure.ts'

/** Limits as the controllers have them; undefined is `max`. */
export interface CgroupLimits {
  /** memory.max, memory.high, memory.low and memory.swap.max, in bytes. */
  memory?: number | undefined
  memoryHigh?: number | undefined
  memoryLow?: number | undefined
  swap?: number | undefined
  /** cpu.max: microseconds of CPU time in each period. */
  quotaUs?: number | undefined
  periodUs?: number | undefined
  /** cpu.weight, 1 to 10000. */
  weight?: number | undefined
  /** cpuset.cpus, as a list. */
  cpuset?: string | undefined
  pids?: number | undefined
  /** io.weight, 1 to 10000. */
  ioWeight?: number | undefined
  /** io.max of the machine's disk: bytes and operations a second. */
  io?: IoMax | undefined
}

export interface IoMax {
  rbps?: number
  wbps?: number
  riops?: number
  wiops?: number
}

/** What happened in a group and below it, since it was made. */
export interface CgroupCounters {
  /** CPU time of members that are gone, in ms. */
  goneCpuMs: number
  /** cpu.stat: periods in which it wanted to run, those in which it was held back, and for how long in ms. */
  periods: number
  throttled: number
  throttledMs: number
  memoryPeak: number
  /** memory.events. */
  reachedHigh: number
  reachedMax: number
  oom: number
  oomKill: number
  /** pids.events. */
  pidsMax: number
  pidsPeak: number
  /** When io.max lets the next transfer through, in ms. */
  readReadyAt?: number
  writeReadyAt?: number
  /** Until when one of its processes waits for a resource other than the processor, in ms. */
  stalls?: Partial<Record<Resource, number>>
  /** cpu.pressure, memory.pressure, io.pressure. */
  pressure?: Partial<Record<Resource, Pressure>>
}

/** What the processes of one group use now. */
export interface Members {
  cpuMs(): number
  /** Memory of processes, in tmpfs files, and of file caches that can be given back. */
  anon(): number
  shmem(): number
  cache(): number
  /** Gives caches back, at least `bytes` where there are so many. */
  reclaim(bytes: number): void
  pids(): number
  io(): { readBytes: number; writtenBytes: number; reads: number; writes: number }
}

export const noCounters = (): CgroupCounters => ({
  goneCpuMs: 0,
  periods: 0,
  throttled: 0,
  throttledMs: 0,
  memoryPeak: 0,
  reachedHigh: 0,
  reachedMax: 0,
  oom: 0,
  oomKill: 0,
  pidsMax: 0,
  pidsPeak: 0,
})

/** Whole periods of a counter that time was added to in parts. */
export const wholePeriods = (count: number): number => Math.floor(count + 1e-6)

export class Cgroup {
  readonly path: string
  readonly parent: Cgroup | undefined
  readonly children = new Map<string, Cgroup>()
  /** This group and those above it, up to the root. */
  readonly chain: readonly Cgroup[]
  limits: CgroupLimits = {}
  counters = noCounters()
  members: Members | undefined

  constructor(path: string, parent: Cgroup | undefined) {
    this.path = path
    this.parent = parent
    this.chain = [this, ...(parent?.chain ?? [])]
  }

  /** Sums something of the members of this group and of all below it. */
  sum(of: (members: Members) => number): number {
    let total = this.members ? of(this.members) : 0
    for (const child of this.children.values()) total += child.sum(of)
    return total
  }

  cpuMs(): number {
    let total = this.counters.goneCpuMs + (this.members?.cpuMs() ?? 0)
    for (const child of this.children.values()) total += child.cpuMs()
    return total
  }

  /** memory.current. */
  memory(): number {
    return this.sum(members => members.anon() + members.shmem() + members.cache())
  }

  pids(): number {
    return this.sum(members => members.pids())
  }
}

export class CgroupTree {
  readonly root = new Cgroup('/', undefined)

  /** The group at a path, made with those above it where there is none. */
  at(path: string): Cgroup {
    let group = this.root
    for (const name of path.split('/').filter(Boolean)) {
      let child = group.children.get(name)
      if (!child) {
        child = new Cgroup(`${group.path === '/' ? '' : group.path}/${name}`, group)
        group.children.set(name, child)
      }
      group = child
    }
    return group
  }

  find(path: string): Cgroup | undefined {
    let group: Cgroup | undefined = this.root
    for (const name of path.split('/').filter(Boolean)) group = group?.children.get(name)
    return group
  }

  /** Takes a group of a container away; what it used stays in those above it. */
  remove(group: Cgroup): void {
    const { parent } = group
    if (!parent) return
    parent.counters.goneCpuMs += group.cpuMs()
    parent.children.delete(group.path.slice(group.path.lastIndexOf('/') + 1))
  }

  /** Every group, those above before those below. */
  *all(from: Cgroup = this.root): Generator<Cgroup> {
    yield from
    for (const child of from.children.values()) yield* this.all(child)
  }
}
