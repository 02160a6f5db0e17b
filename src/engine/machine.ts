/**
 * Brings the model up to now and keeps it there: the only way to change anything. Between two commands nothing
 * runs; whoever looks first lets the time pass that has gone by.
 */

import type { Clock } from '../clock.ts'
import { readIndex } from '../container/containers.ts'
import type { Store } from '../store/types.ts'
import type { Random } from '../util/random.ts'
import { Live } from './live.ts'
import type { Worlds } from './world.ts'

/** How long to wait before looking whether another process has changed something, in ms. */
const pollInterval = 50

export class Machine {
  readonly #store: Store
  readonly #clock: Clock
  readonly #random: Random
  readonly #makeWorlds: () => Worlds
  /** Worlds in memory, good as long as nobody else has committed since. */
  #worlds: Worlds | undefined
  #generation = -1
  /** One change at a time within this process. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(store: Store, clock: Clock, random: Random, makeWorlds: () => Worlds) {
    this.#store = store
    this.#clock = clock
    this.#random = random
    this.#makeWorlds = makeWorlds
  }

  /** Runs a verb in a transaction of its own, after what is due, and lets its consequences happen at once. */
  change<T>(verb: (live: Live) => Promise<T> | T): Promise<T> {
    const run = this.#queue.then(() => this.#change(verb))
    this.#queue = run.catch(() => undefined)
    return run
  }

  async #change<T>(verb: (live: Live) => Promise<T> | T): Promise<T> {
    try {
      const result = await this.#store.transactionAsync(async tx => {
        if (!this.#worlds || tx.generation() !== this.#generation) this.#worlds = this.#makeWorlds()
        const now = this.#clock.now()
        const live = new Live(tx, this.#worlds, this.#random, now)
        await live.settle(now)
        const value = await verb(live)
        await live.settle(now)
        live.flush()
        return value
      })
      this.#generation = this.#store.generation()
      return result
    } catch (error) {
      this.#worlds = undefined
      throw error
    }
  }

  /** Brings the store up to now, if anything is due. Readers call it first. */
  async settle(): Promise<void> {
    if (this.#nextWake() <= this.#clock.now()) await this.change(() => undefined)
  }

  /**
   * Lets time pass until something may have changed: the next thing due, a change by another process, or `signal`.
   * Followers call it in a loop between looks at the store.
   */
  async advance(signal?: AbortSignal): Promise<void> {
    const before = this.#store.generation()
    const wake = this.#nextWake()
    const now = this.#clock.now()
    if (wake > now) {
      if (this.#clock.virtual && Number.isFinite(wake)) await this.#clock.sleep(wake - now, signal)
      else await this.#clock.idle(Math.min(wake - now, pollInterval), signal)
    }
    if (signal?.aborted) return
    if (this.#nextWake() <= this.#clock.now() || this.#store.generation() !== before) await this.settle()
  }

  /** Worlds in memory belong to the last committed state no more once another process has committed. */
  #nextWake(): number {
    let first = Number.POSITIVE_INFINITY
    for (const entry of Object.values(readIndex(this.#store).entries))
      if (entry.wakeAt !== undefined && entry.wakeAt < first) first = entry.wakeAt
    return first
  }
}
