/**
 * The engine inside one transaction: containers as they are now, what happens to them, and what is written when
 * it ends. Verbs get a `Live` from `Machine.change`, after everything that was due has happened.
 */
import type { Clock } from '../clock.ts'
import { deleteContainer, findEntry, indexPath, readIndex, readRecord, saveRecord } from '../container/containers.ts'
import { containerEvent } from '../container/events.ts'
import { type ContainerRecord, isRunning } from '../container/record.ts'
import type { ContainerIndexEntry } from '../container/summary.ts'
import { EngineError } from '../errors.ts'
import type { NewEvent } from '../events/event-log.ts'
import { appendEvents } from '../events/event-log.ts'
import type { Transaction } from '../store/types.ts'
import type { Random } from '../util/random.ts'
import { handleExit, wakeAt } from './container/exit.ts'
import { addToKernelLog } from './host/kernel-log.ts'
import type { OomNotice, World, Worlds } from './world.ts'

/** How many kernel steps one transaction may take, so that the lock is held for milliseconds. */
const stepsPerTransaction = 150_000
/** How many timers one transaction may let go off under a virtual clock. */
const leapsPerTransaction = 4000

export class Live {
  readonly tx: Transaction
  readonly random: Random
  readonly worlds: Worlds
  /** The simulated time in ms: while catching up, that of what is happening; afterwards, now. */
  time: number
  /** Whether `flush` found anything to write. */
  wrote = false
  #records = new Map<string, ContainerRecord>()
  #changed = new Set<string>()
  #events: { event: NewEvent; time: number }[] = []

  constructor(tx: Transaction, worlds: Worlds, random: Random, now: number) {
    this.tx = tx
    this.worlds = worlds
    this.random = random
    this.time = now
  }

  /** The container that a user's word means; the record may be changed, followed by `save`. */
  find(reference: string): ContainerRecord {
    return this.record(findEntry(this.tx, reference).id)
  }

  /** The container that calls another one `alias`, by its own name. */
  findLinkParent(name: string, alias: string): ContainerRecord | undefined {
    const parent = Object.values(readIndex(this.tx).entries).find(entry => entry.name === name)
    return parent?.links?.some(link => link.alias === alias) ? this.record(parent.id) : undefined
  }

  /** Whether the container is still there. */
  has(id: string): boolean {
    return readIndex(this.tx).entries[id] !== undefined
  }

  record(id: string): ContainerRecord {
    const known = this.#records.get(id)
    if (known) return known
    const record = readRecord(this.tx, id)
    this.#records.set(id, record)
    return record
  }

  /** Adds a new container. */
  add(record: ContainerRecord): void {
    this.#records.set(record.id, record)
    this.save(record)
  }

  save(record: ContainerRecord): void {
    this.#changed.add(record.id)
    saveRecord(this.tx, record, readIndex(this.tx).entries[record.id]?.wakeAt)
  }

  emit(event: NewEvent): void {
    this.#events.push({ event, time: this.time })
  }

  /** The container's files and processes, loaded when they are not yet. */
  async world(record: ContainerRecord): Promise<World> {
    return this.worlds.open(this, record)
  }

  /** Removes a container's record, files and processes. */
  drop(record: ContainerRecord): void {
    // Who is attached still reads the last of its output.
    if (record.attached > 0) this.worlds.flushOutput(this.tx, record)
    this.worlds.remove(record.id)
    this.#records.delete(record.id)
    this.#changed.delete(record.id)
    deleteContainer(this.tx, record)
  }

  /**
   * Lets everything happen that is due until `now`: processes run, ended ones are handled, restarts, health checks
   * and stop deadlines take place, in the order of time.
   * @returns whether work is left that the step budget did not allow
   */
  async settle(now: number): Promise<boolean> {
    let budget = stepsPerTransaction
    for (const entry of Object.values(readIndex(this.tx).entries))
      if (entry.wakeAt !== undefined && entry.wakeAt <= now) await this.#wake(entry)
    this.time = Math.min(now, this.worlds.time)
    for (;;) {
      const due = this.#nextDue()
      const until = Math.min(due?.at ?? now, now)
      const ran = await this.worlds.run(until, budget)
      this.time = Math.max(this.time, ran.time)
      budget -= ran.steps
      for (const oom of this.worlds.takeOoms()) this.#outOfMemory(oom)
      for (const exit of ran.exits) await handleExit(this, this.record(exit.container), exit)
      for (const id of ran.touched) this.#changed.add(id)
      if (ran.exits.length > 0) continue
      if (budget <= 0) {
        this.time = now
        return true
      }
      if (due && due.at <= now) {
        this.time = Math.max(this.time, due.at)
        await due.act()
        continue
      }
      this.time = now
      return ran.busy
    }
  }

  /**
   * Under a virtual clock: lets time go from one timer to the next until there is something to see (output, an event),
   * so that an hour of a loop that sleeps is one transaction and not thousands.
   */
  async leap(clock: Clock): Promise<void> {
    for (let leaps = 0; leaps < leapsPerTransaction; leaps++) {
      const next = this.#nextWake()
      if (!Number.isFinite(next)) return
      await clock.sleep(next - clock.now())
      leaps += await this.#leapQuietly(clock, leapsPerTransaction - leaps)
      const busy = await this.settle(clock.now())
      if (busy || this.#events.length > 0 || this.worlds.hasPrinted) return
    }
  }

  /** Leaps on as long as only timers of processes go off and nothing comes of it; what does is for `settle`. */
  async #leapQuietly(clock: Clock, most: number): Promise<number> {
    const others = this.#nextOfOthers()
    for (let leaps = 0; leaps < most; leaps++) {
      if (!this.worlds.runQuietly(clock.now(), stepsPerTransaction)) return leaps
      const next = this.worlds.nextWake()
      if (!Number.isFinite(next) || next >= others) return leaps
      await clock.sleep(next - clock.now())
    }
    return most
  }

  /** When something happens next in any container; infinity for never. */
  #nextWake(): number {
    return Math.min(this.worlds.nextWake(), this.#nextOfOthers())
  }

  /** When something happens next that is not in a process in memory. */
  #nextOfOthers(): number {
    let first = this.#nextDue()?.at ?? Number.POSITIVE_INFINITY
    for (const { id, wakeAt: at } of Object.values(readIndex(this.tx).entries))
      if (at !== undefined && at < first && !this.worlds.isLoaded(id)) first = at
    return first
  }

  /** Loads what is due. A container whose documents are damaged is left alone, so that the others go on. */
  async #wake(entry: ContainerIndexEntry): Promise<void> {
    try {
      await this.world(this.record(entry.id))
      this.#changed.add(entry.id)
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'dataLoss') throw error
      this.tx.damaged?.(error.message)
      this.worlds.remove(entry.id)
      const index = readIndex(this.tx)
      delete index.entries[entry.id]?.wakeAt
      this.tx.put(indexPath, index)
    }
  }

  /** A process of a container was taken by the OOM killer: the container's state says so from then on. */
  #outOfMemory({ sandbox, time, messages }: OomNotice): void {
    addToKernelLog(this.tx, time, messages)
    if (!this.has(sandbox)) return
    const container = this.record(sandbox)
    container.state.oomKilled = true
    this.#events.push({ event: containerEvent(container, 'oom'), time })
    this.save(container)
  }

  #nextDue(): { at: number; act: () => Promise<void> } | undefined {
    let first: { at: number; act: () => Promise<void> } | undefined
    for (const world of this.worlds.loaded()) {
      const record = this.record(world.id)
      const timer = wakeAt(record)
      if (timer && (!first || timer.at < first.at)) first = { at: timer.at, act: () => timer.act(this, record) }
    }
    return first
  }

  /** Writes what changed: records, processes, files, streams, events. */
  flush(): void {
    this.wrote = this.#changed.size > 0 || this.#events.length > 0
    for (const id of this.#changed) {
      const record = this.#records.get(id) ?? readRecord(this.tx, id)
      this.worlds.save(this.tx, record)
      const timer = wakeAt(record)?.at
      // Processes that nobody has loaded wake when they would have woken.
      const next = this.worlds.isLoaded(id)
        ? this.worlds.nextWake(id)
        : isRunning(record)
          ? readIndex(this.tx).entries[id]?.wakeAt
          : undefined
      const times = [timer, next].filter(time => time !== undefined && Number.isFinite(time)) as number[]
      saveRecord(this.tx, record, times.length > 0 ? Math.min(...times) : undefined)
    }
    this.worlds.saveShared(this.tx)
    if (this.#events.length > 0) appendEvents(this.tx, this.#events)
  }
}
