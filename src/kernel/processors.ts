/**
 * The machine's processors: how fast each process that wants to run gets on, by the control groups' weights and
 * quotas, and what goes by when time passes.
 */
import { addStall, noPressure } from '../cgroup/pressure.ts'
import { allocate, defaultPeriodUs, quotaOf, type Share } from '../cgroup/share.ts'
import type { Cgroup } from '../cgroup/tree.ts'
import { pressureOf } from './disk.ts'
import type { Kernel } from './kernel.ts'
import { machineFacts } from './machine-facts.ts'
import { isAlive, type Process } from './process.ts'
import type { Sandbox } from './sandbox.ts'

/** Whether a process uses the processor for some time without doing anything else. */
export const isBurning = (process: Process): boolean => process.state === 'blocked' && process.block?.op === 'cpu'

/** Samples of CPU use are so far apart at least, in ms, and are kept for so long. */
const sampleEvery = 100
const sampleFor = 2000
const second = 1000
/** More processes than this are many. */
const crowd = 64

export interface Shares {
  /** Processors that each process has: 0 to 1. */
  rate: ReadonlyMap<Process, number>
  /** Those of them that compute without taking steps. */
  burning: readonly Process[]
  /** What those have together that take steps, and those of each sandbox. */
  stepping: number
  bySandbox: ReadonlyMap<string, number>
  throttled: ReadonlyMap<Cgroup, { demand: number; quota: number }>
  /** What each group with those below it has, and how many of its processes want to run; empty where all have enough. */
  load: ReadonlyMap<Cgroup, { rate: number; runnable: number }>
}

const nobody: Shares['throttled'] = new Map()
const noLoad: Shares['load'] = new Map()

export class Processors {
  readonly #kernel: Kernel
  readonly #ready: () => readonly Process[]
  #known: Shares | undefined
  #changes = 0

  constructor(kernel: Kernel, ready: () => readonly Process[]) {
    this.#kernel = kernel
    this.#ready = ready
  }

  /** Who runs now, and how fast. A process that is about to take a step counts among them. */
  shares(): Shares {
    return (this.#known ??= this.#divide())
  }

  /**
   * Forgets the division: who wants to run has changed. Among many one more or less changes little, so there it is
   * made anew only after some changes, or when `now` is said.
   */
  forget(now = false): void {
    const many = this.#known?.rate.size ?? 0
    if (!now && many > crowd && ++this.#changes < many / 8) return
    this.#changes = 0
    this.#known = undefined
  }

  #divide(): Shares {
    const wanting = this.#wanting()
    if (this.#isAmple(wanting)) {
      const burning = wanting.filter(isBurning)
      return {
        rate: new Map(wanting.map(process => [process, 1])),
        burning,
        stepping: Math.max(wanting.length - burning.length, 1),
        bySandbox: new Map(wanting[0] && [[wanting[0].sandbox, wanting.length]]),
        throttled: nobody,
        load: noLoad,
      }
    }
    const own = new Map<Cgroup, Process[]>()
    for (const process of wanting) {
      const { group } = this.#kernel.sandbox(process.sandbox)
      const list = own.get(group)
      if (list) list.push(process)
      else own.set(group, [process])
    }
    const shares: Share[] = [...own].map(([group, list]) => ({ group, runnable: list.length }))
    const { rate: byGroup, throttled } = allocate(this.#kernel.cgroups.root, shares, machineFacts.cpus)
    const rate = new Map<Process, number>()
    const bySandbox = new Map<string, number>()
    const burning: Process[] = []
    let stepping = 0
    for (const [group, list] of own) {
      const each = (byGroup.get(group) ?? 0) / list.length
      for (const process of list) {
        rate.set(process, each)
        bySandbox.set(process.sandbox, (bySandbox.get(process.sandbox) ?? 0) + each)
        if (isBurning(process)) burning.push(process)
        else stepping += each
      }
    }
    const load = new Map<Cgroup, { rate: number; runnable: number }>()
    for (const [group, list] of own)
      for (const each of group.chain) {
        const { rate: others, runnable } = load.get(each) ?? { rate: 0, runnable: 0 }
        load.set(each, { rate: others + (byGroup.get(group) ?? 0), runnable: runnable + list.length })
      }
    // The only one that takes steps may just have been taken out of the queue.
    return { rate, burning, stepping: stepping > 0 ? stepping : 1, bySandbox, throttled, load }
  }

  /** Whether nobody wants to run, or all who do are of one container that may have a processor for each: the usual case. */
  #isAmple(wanting: readonly Process[]): boolean {
    const [first] = wanting
    if (!first) return true
    if (wanting.length > machineFacts.cpus) return false
    if (wanting.some(({ sandbox }) => sandbox !== first.sandbox)) return false
    return this.#kernel
      .sandbox(first.sandbox)
      .group.chain.every(({ limits }) => quotaOf(limits) >= wanting.length && limits.cpuset === undefined)
  }

  #wanting(): Process[] {
    const wanting: Process[] = []
    for (const process of this.#kernel.processes.values()) {
      if (process.stopped || process.frozen || !isAlive(process)) continue
      if (this.#kernel.sandboxes.get(process.sandbox)?.frozen) continue
      if (process.state === 'ready' || isBurning(process)) wanting.push(process)
    }
    return wanting
  }

  /** In how many ms something happens here: a process is done with its work, or the clock has come to a sandbox. */
  nextEvent({ rate, burning, bySandbox }: Shares): number {
    let first = Number.POSITIVE_INFINITY
    for (const process of burning) {
      const each = rate.get(process) ?? 0
      if (each > 0) first = Math.min(first, Math.max(process.cpuLeft, 0) / each)
    }
    for (const process of this.#ready()) {
      const sandbox = this.#kernel.sandboxes.get(process.sandbox)
      const each = bySandbox.get(process.sandbox) ?? 0
      if (sandbox && sandbox.lead > 0 && each > 0) first = Math.min(first, sandbox.lead / each)
    }
    return first
  }

  /**
   * Lets time pass: work gets done, leads are paid back, groups are held back by their quotas. `unstepped`: processes that
   * have used the processor for all of this time, though their steps are not done.
   */
  elapse(ms: number, { rate, burning, bySandbox, throttled, load }: Shares, unstepped: readonly Process[] = []): void {
    if (ms > 0) {
      // What happened before a longer time is not to be spread over it.
      if (ms > sampleEvery) for (const sandbox of this.#kernel.sandboxes.values()) this.#sample(sandbox, true)
      for (const process of burning) {
        const done = Math.min(process.cpuLeft, (rate.get(process) ?? 0) * ms)
        process.cpuLeft -= done
        process.cpuMs += done
      }
      for (const process of unstepped) process.cpuMs += ms * (rate.get(process) ?? 0)
      for (const sandbox of this.#kernel.sandboxes.values()) {
        if (sandbox.lead > 0) sandbox.lead = Math.max(0, sandbox.lead - ms * (bySandbox.get(sandbox.id) ?? 1))
        if (sandbox.lead < 1e-6) sandbox.lead = 0
      }
      this.#count(ms, bySandbox, throttled)
      this.#press(ms, load, bySandbox)
      this.#kernel.time += ms
    }
    for (const sandbox of this.#kernel.sandboxes.values()) this.#sample(sandbox)
  }

  #count(ms: number, running: ReadonlyMap<string, number>, throttled: Shares['throttled']): void {
    const groups = new Set<Cgroup>()
    for (const id of running.keys()) for (const group of this.#kernel.sandbox(id).group.chain) groups.add(group)
    for (const group of groups) {
      if (group.limits.quotaUs === undefined) continue
      const periods = ms / ((group.limits.periodUs ?? defaultPeriodUs) / 1000)
      group.counters.periods += periods
      const held = throttled.get(group)
      if (!held) continue
      group.counters.throttled += periods
      group.counters.throttledMs += ms * (held.demand - held.quota)
    }
  }

  /**
   * Pressure: of n processes that share r processors at least one waits for n - r of the time, and all of them for 1 - r
   * (as the fluid that the division is, and at most always).
   */
  #press(ms: number, load: Shares['load'], running: ReadonlyMap<string, number>): void {
    const { time } = this.#kernel
    const now = time + ms
    for (const [group, { rate, runnable }] of load) {
      const some = Math.min(1, Math.max(0, runnable - rate))
      if (some > 1e-9)
        addStall(pressureOf(group, 'cpu', time), now, { some: some * ms, full: Math.max(0, 1 - rate) * ms })
    }
    let groups: Set<Cgroup> | undefined
    for (const { group } of this.#kernel.sandboxes.values())
      for (const each of group.chain) if (each.counters.stalls) (groups ??= new Set()).add(each)
    if (!groups) return
    const busy = new Set([...running.keys()].flatMap(id => this.#kernel.sandbox(id).group.chain))
    for (const each of groups) this.#waiting(each, time, now, busy.has(each))
  }

  /** Stalls of a group's processes for the disk or for memory. */
  #waiting({ counters }: Cgroup, from: number, now: number, othersRun: boolean): void {
    const { stalls } = counters
    if (!stalls) return
    for (const resource of ['memory', 'io'] as const) {
      const stalled = Math.min(stalls[resource] ?? 0, now) - from
      if (stalled <= 0) continue
      const pressures = (counters.pressure ??= {})
      addStall((pressures[resource] ??= noPressure(from)), now, { some: stalled, full: othersRun ? 0 : stalled })
    }
  }

  #sample(sandbox: Sandbox, always = false): void {
    const { time } = this.#kernel
    const last = sandbox.samples.at(-1)
    if (last && (always ? time <= last.time : time - last.time < sampleEvery)) return
    sandbox.samples.push({ time, cpuMs: sandbox.group.cpuMs() - sandbox.lead })
    while (sandbox.samples.length > 2 && (sandbox.samples[1]?.time ?? 0) < time - sampleFor) sandbox.samples.shift()
  }

  /** CPU time in ms that a sandbox used within the last second; of one that is younger, as if it went on like now. */
  lastSecond(sandbox: Sandbox): number {
    const { time } = this.#kernel
    // What it has run ahead of the clock is yet to come.
    const now = sandbox.group.cpuMs() - sandbox.lead
    const since = time - second
    const rate = this.shares().bySandbox.get(sandbox.id) ?? 0
    const { samples } = sandbox
    const first = samples[0]
    if (!first || first.time > since) {
      const covered = first ? time - first.time : 0
      return (first ? now - first.cpuMs : 0) + rate * (second - covered)
    }
    const after = samples.find(each => each.time > since) ?? { time, cpuMs: now }
    const before = samples.findLast(each => each.time <= since) ?? first
    const part = after.time === before.time ? 0 : (since - before.time) / (after.time - before.time)
    return Math.max(0, now - (before.cpuMs + (after.cpuMs - before.cpuMs) * part))
  }
}
