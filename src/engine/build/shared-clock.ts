/** A clock for what goes on side by side. */
import type { Clock } from '../../clock.ts'

/**
 * The same time for several at work: a virtual clock goes on only once all of them wait, to when the first wants to go on.
 * The host's clock goes on by itself.
 */
export class SharedClock implements Clock {
  readonly #clock: Clock
  #working = 0
  readonly #waiting = new Set<{ until: number; wake: () => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get virtual(): boolean {
    return this.#clock.virtual
  }

  now(): number {
    return this.#clock.now()
  }

  idle(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.idle(ms, signal)
  }

  /** Does something that sleeps by this clock. */
  async working<T>(part: () => Promise<T>): Promise<T> {
    this.#working++
    try {
      return await part()
    } finally {
      this.#working--
      this.#later()
    }
  }

  /** Waits, in the middle of work, for what another has to do first. */
  async away<T>(wait: () => Promise<T>): Promise<T> {
    this.#working--
    this.#later()
    try {
      return await wait()
    } finally {
      this.#working++
    }
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.virtual) return this.#clock.sleep(ms, signal)
    await new Promise<void>(wake => {
      const waiter = { until: this.now() + ms, wake }
      this.#waiting.add(waiter)
      signal?.addEventListener('abort', () => {
        if (this.#waiting.delete(waiter)) wake()
      })
      this.#later()
    })
  }

  /** What has just ended may have let something else begin: that comes first. */
  #later(): void {
    setImmediate(() => void this.#goOn())
  }

  async #goOn(): Promise<void> {
    if (this.#waiting.size === 0 || this.#waiting.size < this.#working) return
    const next = Math.min(...[...this.#waiting].map(({ until }) => until))
    const due = [...this.#waiting].filter(({ until }) => until <= next)
    for (const waiter of due) this.#waiting.delete(waiter)
    await this.#clock.sleep(next - this.now())
    for (const { wake } of due) wake()
  }
}
