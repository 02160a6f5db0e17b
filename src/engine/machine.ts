/**
 * Brings the model up to now and keeps it there: the only way to change anything. Between two commands nothing
 * runs; whoever looks first lets the time pass that has gone by.
 */
import type { Clock } from '../clock.ts'
import { readIndex } from '../container/containers.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { Program } from '../kernel/program.ts'
import type { Store, StoreReader, Transaction } from '../store/types.ts'
import type { Random } from '../util/random.ts'
import type { BindPolicy } from '../volume/bind-policy.ts'
import type { Live } from './live.ts'
import type { Worlds } from './world.ts'

/** How long to wait before looking whether another process has changed something, in ms. */
const pollInterval = 50

export interface MachineContext {
  store: Store
  content: ContentStore
  binds: BindPolicy
  clock: Clock
  random: Random
  /** A virtual clock and its randomness, which go on from where the last change of any process left them. */
  virtual?: VirtualTime
}

export interface VirtualTime {
  /** Takes over what another process has come to. */
  load(reader: StoreReader): void
  /** Keeps what this process has come to, if that is further than what `load` found. */
  save(tx: Transaction): void
}

export class Machine {
  readonly #context: MachineContext
  /** Worlds in memory, good as long as nobody else has committed since. */
  #worlds: Worlds | undefined
  #generation = -1
  /** One change at a time within this process. */
  #queue: Promise<unknown> = Promise.resolve()
  /** Whether processes could have gone on when the last change ended. */
  #busy = false
  readonly #loaded = new Map<string, Program>()

  constructor(context: MachineContext) {
    this.#context = context
  }

  /** Runs a verb in a transaction of its own, after what is due, and lets its consequences happen at once. */
  change<T>(verb: (live: Live) => Promise<T> | T): Promise<T> {
    const run = this.#queue.then(() => this.#change(verb))
    this.#queue = run.catch(() => undefined)
    return run
  }

  async #change<T>(verb: (live: Live) => Promise<T> | T): Promise<T> {
    const { store, clock, random, virtual } = this.#context
    const { Live } = await import('./live.ts')
    const { Worlds } = await import('./world.ts')
    const { programs } = await import('./programs.ts')
    try {
      const result = await store.transactionAsync(async tx => {
        virtual?.load(tx)
        const now = clock.now()
        if (!this.#worlds || tx.generation() !== this.#generation)
          this.#worlds = new Worlds(
            { content: this.#context.content, binds: this.#context.binds, random, programs, loaded: this.#loaded },
            // What was due while nobody looked happens when it was due.
            Math.min(now, firstWake(tx)),
          )
        const live = new Live(tx, this.#worlds, random, now)
        await live.settle(now)
        const value = await verb(live)
        this.#busy = await live.settle(now)
        live.flush()
        virtual?.save(tx)
        return value
      })
      this.#generation = store.ownGeneration()
      return result
    } catch (error) {
      this.#worlds = undefined
      throw error
    }
  }

  /** Brings the store up to now, if anything is due. Readers call it first. */
  async settle(): Promise<void> {
    if (firstWake(this.#context.store) <= this.#context.clock.now()) await this.change(() => undefined)
  }

  /**
   * Lets time pass until something may have changed: the next thing due, a change by another process, `limit` (ms since
   * the epoch) or `signal`. Followers call it in a loop between looks at the store.
   */
  async advance(signal?: AbortSignal, limit = Number.POSITIVE_INFINITY): Promise<void> {
    const { store, clock } = this.#context
    const before = store.generation()
    const due = firstWake(store)
    const wake = Math.min(due, limit)
    const now = clock.now()
    if (wake > now) {
      if (clock.virtual && Number.isFinite(due) && due <= limit) return this.change(live => live.leap(clock))
      if (clock.virtual && Number.isFinite(limit)) await clock.sleep(limit - now, signal)
      else await clock.idle(Math.min(wake - now, pollInterval), signal)
    } else if (this.#busy && clock.virtual) await clock.sleep(1, signal)
    if (signal?.aborted) return
    if (firstWake(store) <= clock.now() || store.generation() !== before) await this.settle()
  }
}

/** When the next thing is due in any container; infinity for never. */
function firstWake(reader: StoreReader): number {
  let first = Number.POSITIVE_INFINITY
  for (const { wakeAt } of Object.values(readIndex(reader).entries))
    if (wakeAt !== undefined && wakeAt < first) first = wakeAt
  return first
}
