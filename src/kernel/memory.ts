/** Memory of processes and their groups: what is charged, what is given back, and whom the OOM killer takes. */
import { choose, oomMessages } from '../cgroup/oom.ts'
import type { Cgroup, Members } from '../cgroup/tree.ts'
import { stall, transfer } from './disk.ts'
import type { Kernel } from './kernel.ts'
import { exit } from './life.ts'
import { machineFacts } from './machine-facts.ts'
import { hostNumber } from './pid-namespace.ts'
import { isAlive, type Process } from './process.ts'
import type { Sandbox, Usage } from './sandbox.ts'

/** What the machine's own kernel and daemons take of its memory. */
export const reservedMemory = 256 * 1024 * 1024

export const noUsage = (): Usage => ({
  readBytes: 0,
  reads: 0,
  writtenBytes: 0,
  writes: 0,
  rxBytes: 0,
  rxPackets: 0,
  txBytes: 0,
  txPackets: 0,
  cacheBytes: 0,
  coldBytes: 0,
})

/** A container's processes as its control group counts them. */
export function membersOf(sandbox: Sandbox): Members {
  const sum = (of: (process: Process) => number): number => {
    let total = 0
    for (const process of sandbox.processes.values()) total += of(process)
    return total
  }
  return {
    cpuMs: () => sum(process => process.cpuMs),
    anon: () => sum(process => process.memory),
    shmem: () => sandbox.shmem?.() ?? 0,
    cache: () => sandbox.usage.cacheBytes,
    reclaim: bytes => {
      const { usage } = sandbox
      const given = Math.min(usage.cacheBytes, bytes)
      usage.cacheBytes -= given
      usage.coldBytes += given
    },
    pids: () => sandbox.processes.size,
    io: () => sandbox.usage,
  }
}

/** So many containers of a size fit into the machine before its own memory is looked at. */
const groupsThatFit = 64

/** Memory that can be used at all, in bytes. */
const machineLimit = (): number => machineFacts.memory - reservedMemory

/** A process takes more memory (or gives some back); beyond a limit caches go, and then the OOM killer comes. */
export function claim(kernel: Kernel, process: Process, bytes: number): void {
  process.memory = Math.max(0, process.memory + bytes)
  enforce(kernel, kernel.sandbox(process.sandbox))
  if (bytes > 0) slowDown(kernel, process)
}

/** The longest that a process is held back for one allocation above memory.high (mm/memcontrol.c), in ms. */
const longestDelay = 2000

/**
 * Who allocates while its group stays above memory.high waits: the longer, the further above, by the square of the share
 * that is too much.
 */
function slowDown(kernel: Kernel, process: Process): void {
  if (!isAlive(process)) return
  for (const group of kernel.sandbox(process.sandbox).group.chain) {
    const { memoryHigh } = group.limits
    if (memoryHigh === undefined) continue
    const over = (group.memory() - memoryHigh) / Math.max(memoryHigh, 1)
    if (over <= 0) continue
    const delay = Math.min(longestDelay, over * over * 16_000)
    stall(kernel, process, 'memory', kernel.time + delay)
  }
}

/** Makes a container's memory fit again into the limits of its group, of those above, and of the machine. */
export function enforce(kernel: Kernel, sandbox: Sandbox): void {
  for (const group of sandbox.group.chain) throttleHigh(group)
  const own = sandbox.group.memory()
  for (const group of sandbox.group.chain) {
    const limit = group.parent ? group.limits.memory : machineLimit()
    // Sums over many processes are made only where they may tell something: forks come by the thousand.
    const idle = group !== sandbox.group && (limit === undefined || (!group.parent && own < limit / groupsThatFit))
    if (idle) continue
    const used = group === sandbox.group ? own : group.memory()
    if (limit === undefined || used <= limit) {
      group.counters.memoryPeak = Math.max(group.counters.memoryPeak, used)
      continue
    }
    group.counters.memoryPeak = limit
    group.counters.reachedMax++
    reclaim(group, limit)
    while (group.memory() > limit && kill(kernel, group, limit));
  }
}

/** Above memory.high nobody is killed: caches are given back, and what cannot be is counted (cgroup-v2.rst). */
function throttleHigh(group: Cgroup): void {
  const { memoryHigh } = group.limits
  if (memoryHigh === undefined || group.memory() <= memoryHigh) return
  group.counters.reachedHigh++
  reclaim(group, memoryHigh)
}

/** Gives back caches of a group and those below it until it has no more than `limit`, or none is left. */
function reclaim(group: Cgroup, limit: number): void {
  for (const { members } of below(group)) {
    const over = group.memory() - limit
    if (over > 0) members?.reclaim(over)
  }
}

function* below(group: Cgroup): Generator<Cgroup> {
  yield group
  for (const child of group.children.values()) yield* below(child)
}

/** Takes one process of a group; false when there is none that may be taken. */
function kill(kernel: Kernel, group: Cgroup, limit: number): boolean {
  const groups = new Set(below(group))
  const candidates = [...kernel.processes.values()]
    .filter(process => isAlive(process) && process.memory > 0)
    .map(process => ({ process, sandbox: kernel.sandbox(process.sandbox) }))
    .filter(({ sandbox }) => groups.has(sandbox.group))
    .map(({ process, sandbox }) => ({
      process,
      sandbox,
      pid: hostNumber(sandbox.pids, process.pid),
      memory: process.memory,
      adj: process.oomScoreAdj ?? sandbox.oomScoreAdj,
    }))
  const victim = choose(candidates, group.parent ? limit : machineFacts.memory)
  if (!victim) return false
  const { process, sandbox } = victim
  group.counters.oom++
  for (const each of sandbox.group.chain) each.counters.oomKill++
  const messages = oomMessages({
    pid: victim.pid,
    comm: process.comm,
    uid: process.cred.uid,
    anon: process.memory,
    adj: victim.adj,
    container: sandbox.id,
    task: sandbox.group.path,
    group: group.parent ? group.path : undefined,
  })
  kernel.hooks.oom?.({ sandbox: sandbox.id, time: kernel.time, messages })
  exit(kernel, process, { signal: 'KILL' }, true)
  return true
}

/**
 * Bytes of a file that were written stay in the cache, charged to the writer's group. Who writes directly (O_DIRECT,
 * O_SYNC) waits for the disk; others do not, as the kernel writes for them later.
 */
export function chargeWrite(
  kernel: Kernel,
  process: Process,
  bytes: number,
  { inMemory = false, direct = false } = {},
): void {
  const sandbox = kernel.sandbox(process.sandbox)
  if (!inMemory) {
    if (direct) transfer(kernel, process, 'write', bytes)
    sandbox.usage.writtenBytes += bytes
    sandbox.usage.writes++
    sandbox.usage.cacheBytes += bytes
  }
  enforce(kernel, sandbox)
}

/**
 * Bytes of a file on disk that were read. What was ever written here is in the caches, but for what they had to give
 * back: that much has to come from the disk again, and pushes out other caches in turn. Direct reads (O_DIRECT) all do.
 */
export function chargeRead(kernel: Kernel, process: Process, bytes: number, direct = false): void {
  const sandbox = kernel.sandbox(process.sandbox)
  const { usage } = sandbox
  const cold = Math.min(bytes, usage.coldBytes)
  if (direct && bytes > cold) {
    usage.readBytes += bytes - cold
    if (cold === 0) usage.reads++
  }
  if (cold > 0 || direct) transfer(kernel, process, 'read', direct ? bytes : cold)
  if (cold === 0) return
  usage.coldBytes -= cold
  usage.cacheBytes += cold
  usage.readBytes += cold
  usage.reads++
  enforce(kernel, sandbox)
}

/** Most of a segment that is data, and what its headers add. */
const segment = 1448
const headers = 66

/** Bytes that went through a socket to or from another machine. */
export function chargeNetwork(sandbox: Sandbox, direction: 'rx' | 'tx', bytes: number): void {
  const packets = Math.max(1, Math.ceil(bytes / segment))
  sandbox.usage[`${direction}Bytes`] += bytes + packets * headers
  sandbox.usage[`${direction}Packets`] += packets
}
