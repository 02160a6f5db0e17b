/** Whose turn it is: the processes that can run, the timers of those that wait, and the code that is being loaded. */
import { attempt, stopWaiting } from './blocks.ts'
import { advance } from './execution.ts'
import type { Kernel } from './kernel.ts'
import { exit } from './life.ts'
import { isAlive, type Process } from './process.ts'
import type { Answer, Block, Program } from './program.ts'

/** Steps that a process takes before another has its turn. */
const sliceSteps = 200
/** CPU time of one step, in ms: about what a step takes here, so that a busy loop's second is a second. */
const stepCost = 0.004
/** Bytes that a read or a write moves at the cost of one more step: 2 GB a second. */
const bytesPerStep = 8192

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
  #loading = new Map<string, Promise<unknown>>()
  /** Sandboxes in which something ran since `takeActive`. */
  #active = new Set<string>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** Gives a process that can run its place in the queue, once. */
  enqueue(process: Process): void {
    if (!this.#ready.includes(process)) this.#ready.push(process)
  }

  /** Takes processes out of the queue. */
  forget(gone: (process: Process) => boolean): void {
    this.#ready = this.#ready.filter(process => !gone(process))
  }

  /** Makes a process ready to run, with an answer to what it waited for if there is one. */
  wake(process: Process, answer?: Answer): void {
    if (process.state === 'zombie') return
    if (answer) process.answer = answer
    stopWaiting(process)
    if (process.state === 'ready') return
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

  /** When the next timer goes off in a sandbox: now for one that could run, undefined for one that only waits. */
  nextWake(id: string): number | undefined {
    const sandbox = this.#kernel.sandboxes.get(id)
    if (!sandbox || sandbox.frozen) return undefined
    let first: number | undefined
    for (const process of sandbox.processes.values()) {
      if (process.stopped || process.frozen || !isAlive(process)) continue
      const at = process.state === 'ready' ? this.#kernel.time : process.wakeAt
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
      const process = this.#take()
      if (process) {
        if (steps >= budget) {
          this.#ready.unshift(process)
          this.#skip(until)
          return { steps, busy: true, loading: [] }
        }
        const taken = this.#slice(process, Math.min(sliceSteps, budget - steps))
        steps += taken
        this.#kernel.time = Math.min(Math.max(this.#kernel.time, until), this.#kernel.time + taken * stepCost)
        this.#wakeTimers()
        continue
      }
      const next = this.#nextTimer()
      if (next === undefined || next > until) {
        this.#kernel.time = Math.max(this.#kernel.time, until)
        return { steps, busy: false, loading: [] }
      }
      this.#kernel.time = Math.max(this.#kernel.time, next)
      this.#wakeTimers()
    }
  }

  /** The budget is used up: the time until now goes by, and those that could run have used the processor. */
  #skip(until: number): void {
    const gone = until - this.#kernel.time
    if (gone <= 0) return
    const busy = this.#ready.filter(process => !process.stopped && !this.#kernel.sandbox(process.sandbox).frozen)
    for (const process of busy)
      process.cpuMs += (gone * Math.min(1, this.#kernel.sandbox(process.sandbox).cpus)) / Math.max(1, busy.length / 2)
    this.#kernel.time = until
  }

  #take(): Process | undefined {
    for (let looked = this.#ready.length; looked > 0; looked--) {
      const process = this.#ready.shift()
      if (!process) return undefined
      if (process.state !== 'ready') continue
      if (this.#kernel.sandboxes.get(process.sandbox)?.frozen || process.frozen) {
        if (!process.frozen) this.#ready.push(process)
        continue
      }
      if (process.stopped) continue
      return process
    }
    return undefined
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
    for (const process of this.#kernel.processes.values()) {
      if (
        process.wakeAt === undefined ||
        process.wakeAt > this.#kernel.time ||
        process.state !== 'blocked' ||
        process.stopped
      )
        continue
      if (this.#kernel.sandboxes.get(process.sandbox)?.frozen) continue
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
            break
          }
          steps += Math.floor(moved(process.block, answer) / bytesPerStep)
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
