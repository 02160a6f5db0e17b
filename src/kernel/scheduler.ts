/** Whose turn it is: the processes that can run, the timers of those that wait, and the code that is being loaded. */
import { attempt, stopWaiting } from './blocks.ts'
import { advance } from './execution.ts'
import type { Kernel } from './kernel.ts'
import { exit } from './life.ts'
import { isAlive, type Process } from './process.ts'
import { isBurning, Processors, type Shares } from './processors.ts'
import type { Answer, Block, Program } from './program.ts'
import type { Sandbox } from './sandbox.ts'

/** Steps that a process takes before another has its turn. */
const sliceSteps = 200
/** CPU time of one step, in ms: about what a step takes here, so that a busy loop's second is a second. */
const stepCost = 0.004
/** Bytes that a read or a write moves at the cost of one more step: 4 GB a second. */
const bytesPerStep = 16_384

/** How far a sandbox may run ahead of the clock, in ms of CPU time: so that short work needs no waiting. */
const mostLead = 40
/** A process that computes is looked at so often, in ms, so that its share follows who else runs. */
const longestNap = 500

/** The shortest time that passes, in ms. */
const tick = 0.001

export interface RunResult {
  /** Steps taken. */
  steps: number
  /** Whether processes could go on at once. */
  busy: boolean
  /** A process waits for code: await these, then run again. */
  loading: Promise<unknown>[]
}

export type ProgramTable = ReadonlyMap<string, () => Promise<Program>>

export class Scheduler {
  readonly #kernel: Kernel
  #ready: Process[] = []
  readonly #processors: Processors
  #loading = new Map<string, Promise<unknown>>()
  /** Sandboxes in which something ran since `takeActive`. */
  #active = new Set<string>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#processors = new Processors(kernel, () => this.#ready)
  }

  /** Who wants to run, or what a group may use, is another than before. */
  changed(): void {
    this.#processors.forget()
  }

  /** Gives a process that can run its place in the queue, once. */
  enqueue(process: Process): void {
    this.changed()
    if (!this.#ready.includes(process)) this.#ready.push(process)
  }

  /** Takes processes out of the queue. */
  forget(gone: (process: Process) => boolean): void {
    this.changed()
    if (this.#ready.some(gone)) this.#ready = this.#ready.filter(process => !gone(process))
  }

  /** Makes a process ready to run, with an answer to what it waited for if there is one. */
  wake(process: Process, answer?: Answer): void {
    if (process.state === 'zombie') return
    if (answer) process.answer = answer
    stopWaiting(process)
    if (process.state === 'ready') return
    this.changed()
    process.state = 'ready'
    this.#ready.push(process)
  }

  /** Wakes whoever waits for a change of something, to look again. */
  notify(waiters: Set<number>): void {
    for (const key of [...waiters]) {
      const process = this.#kernel.processes.get(key)
      if (process) this.wake(process)
      else waiters.delete(key)
    }
  }

  /** Names the sandboxes in which something ran since the last call. */
  takeActive(): Iterable<string> {
    const active = this.#active
    this.#active = new Set()
    return active
  }

  /** Parks a process until something that its system call needs is there; `run` then asks to await it. */
  park(process: Process, until: Promise<unknown>): void {
    const name = `#${process.key}`
    this.#loading.set(
      name,
      until.then(() => {
        this.#loading.delete(name)
        this.wake(process)
      }),
    )
  }

  /** When something goes on in a sandbox: undefined for one that only waits. */
  nextWake(id: string): number | undefined {
    const sandbox = this.#kernel.sandboxes.get(id)
    if (!sandbox || sandbox.frozen) return undefined
    const { time } = this.#kernel
    let first: number | undefined
    for (const process of sandbox.processes.values()) {
      if (process.stopped || process.frozen || !isAlive(process)) continue
      const at =
        process.state === 'ready'
          ? time + Math.max(0, sandbox.lead - mostLead / 2)
          : isBurning(process)
            ? time + Math.min(process.cpuLeft, longestNap)
            : process.wakeAt
      if (at !== undefined && Number.isFinite(at) && (first === undefined || at < first)) first = at
    }
    return first
  }

  /**
   * Lets processes run and time pass, at most until `until` and for `budget` steps. Returns early when a main
   * process or an exec has ended (`stop()` says so), or when code has to be loaded.
   */
  run(until: number, budget: number, stop: () => boolean): RunResult {
    let steps = 0
    for (;;) {
      if (this.#loading.size > 0) return { steps, busy: true, loading: [...this.#loading.values()] }
      if (stop()) return { steps, busy: true, loading: [] }
      const process = this.#take(until)
      if (process && steps >= budget) {
        this.#ready.unshift(process)
        this.#skip(until)
        return { steps, busy: true, loading: [] }
      }
      if (process) {
        const shares = this.#processors.shares()
        const sandbox = this.#kernel.sandbox(process.sandbox)
        const taken = this.#slice(process, Math.min(sliceSteps, budget - steps))
        steps += taken
        this.#paid(sandbox, taken * stepCost, shares, until)
        this.#wakeTimers()
        continue
      }
      const { time } = this.#kernel
      this.#processors.forget(true)
      const shares = this.#processors.shares()
      // No less than the clock can tell.
      const work = Math.max(this.#processors.nextEvent(shares), tick)
      const wait = Math.max(0, Math.min((this.#nextTimer() ?? Number.POSITIVE_INFINITY) - time, work))
      if (time + wait > until) {
        this.#processors.elapse(Math.max(0, until - time), shares)
        this.#wakeTimers()
        // Who has run ahead of the clock goes on when the clock has come that far.
        const busy = this.#ready.some(each => !each.stopped && !this.#kernel.sandboxes.get(each.sandbox)?.frozen)
        return { steps, busy, loading: [] }
      }
      this.#processors.elapse(wait, shares)
      this.#wakeTimers()
    }
  }

  /**
   * The clock goes on by what a slice took, shared with those that run beside it. What does not fit before `until`
   * is the sandbox's lead, which it pays back in time.
   */
  #paid(sandbox: Sandbox, cpuMs: number, shares: Shares, until: number): void {
    const left = Math.max(0, until - this.#kernel.time)
    const wall = cpuMs / Math.max(shares.stepping, 1e-6)
    this.#processors.elapse(Math.min(wall, left), shares)
    if (wall > left) sandbox.lead += cpuMs * (1 - left / wall)
  }

  /** The budget is used up: the time until now goes by, and those that could run have used the processor. */
  #skip(until: number): void {
    const gone = until - this.#kernel.time
    if (gone <= 0) return
    const shares = this.#processors.shares()
    this.#processors.elapse(gone, shares, this.#ready)
    for (const process of this.#ready) this.#kernel.sandbox(process.sandbox).lead = 0
  }

  /** The next process that may run now: not frozen, and not ahead of the clock. */
  #take(until: number): Process | undefined {
    const most = this.#kernel.time < until ? 0 : mostLead
    for (let looked = this.#ready.length; looked > 0; looked--) {
      const process = this.#ready.shift()
      if (!process) return undefined
      if (process.state !== 'ready') continue
      const sandbox = this.#kernel.sandboxes.get(process.sandbox)
      if (process.frozen || process.stopped) continue
      if (!sandbox?.frozen && (sandbox?.lead ?? 0) <= most) return process
      this.#ready.push(process)
    }
    return undefined
  }

  /** CPU time in ms that a sandbox used within the last second. */
  lastSecond(sandbox: Sandbox): number {
    return this.#processors.lastSecond(sandbox)
  }

  #nextTimer(): number | undefined {
    let first: number | undefined
    for (const process of this.#kernel.processes.values()) {
      const at = process.wakeAt
      if (at === undefined || process.state !== 'blocked' || process.stopped || process.frozen) continue
      if (this.#kernel.sandboxes.get(process.sandbox)?.frozen) continue
      if (first === undefined || at < first) first = at
    }
    return first
  }

  #wakeTimers(): void {
    const { time, processes, sandboxes } = this.#kernel
    for (const process of processes.values()) {
      if (process.state !== 'blocked' || process.stopped) continue
      const burnt = process.block?.op === 'cpu' && process.cpuLeft <= 1e-9
      if (!burnt && (process.wakeAt === undefined || process.wakeAt > time)) continue
      if (sandboxes.get(process.sandbox)?.frozen) continue
      if (burnt) process.cpuLeft = 0
      this.wake(process)
    }
  }

  /** Runs one process until it blocks, ends, or has had its share. Returns the steps it took. */
  #slice(process: Process, limit: number): number {
    process.state = 'ready'
    this.#kernel.current = process
    this.#active.add(process.sandbox)
    let steps = 0
    try {
      while (steps < limit) {
        steps++
        if (!this.#load(process)) break
        let answer: Answer | undefined
        if (process.block) {
          answer = process.answer ?? attempt(this.#kernel, process, process.block)
          process.answer = undefined
          if (!isAlive(process)) break
          // A successful exec leaves nothing to answer: the new image starts.
          if (process.block === undefined) continue
          if (!answer) {
            process.state = 'blocked'
            this.changed()
            break
          }
          steps += Math.floor(moved(process.block, answer) / bytesPerStep)
          if (this.#stalls(process)) {
            process.answer = answer
            break
          }
          process.block = undefined
          process.wakeAt = undefined
          process.progress = 0
        }
        const step = advance(this.#kernel, process, answer)
        if (!isAlive(process)) break
        if (step === 'again') continue
        if ('exit' in step) {
          exit(this.#kernel, process, step.exit)
          break
        }
        process.block = step.block
        if (process.stopped) break
      }
    } finally {
      this.#kernel.current = undefined
      process.cpuMs += steps * stepCost
    }
    if (
      process.state === 'ready' &&
      !process.stopped &&
      isAlive(process) &&
      this.#kernel.processes.has(process.key) &&
      !this.#ready.includes(process)
    )
      this.#ready.push(process)
    return steps
  }

  /** Whether a process has to wait for the disk or for memory before it has the answer to its call. */
  #stalls(process: Process): boolean {
    const until = process.stalledUntil
    delete process.stalledUntil
    if (until === undefined || until <= this.#kernel.time) return false
    process.wakeAt = until
    process.state = 'blocked'
    this.changed()
    return true
  }

  /** Makes sure the program's code is there; parks the process while it is being loaded. */
  #load(process: Process): boolean {
    if (process.program) return true
    const known = this.#kernel.loaded.get(process.programName)
    if (known) {
      process.program = known
      return true
    }
    const loader = this.#kernel.programs.get(process.programName)
    if (!loader) throw new Error(`no program ${process.programName}`)
    if (!this.#loading.has(process.programName)) {
      const name = process.programName
      this.#loading.set(
        name,
        loader().then(program => {
          this.#kernel.loaded.set(name, program)
          this.#loading.delete(name)
        }),
      )
    }
    return false
  }
}

/** Bytes that a read or write has moved. */
function moved(block: Block, answer: Answer): number {
  if ('error' in answer) return 0
  if (block.op === 'write') return block.data.length
  return block.op === 'read' && answer.value instanceof Uint8Array ? answer.value.length : 0
}
