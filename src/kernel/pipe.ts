/** Pipes: a bounded queue of bytes between descriptors. */

/** Linux's default capacity. */
export const pipeCapacity = 65536

export class Pipe {
  readonly id: number
  readers = 0
  writers = 0
  /** Processes that wait for a change, by pid key. */
  readonly waiters = new Set<number>()
  /** Processes whose open of a fifo's end waits for the other end. */
  readonly opening = { read: new Set<number>(), write: new Set<number>() }
  #chunks: Uint8Array[] = []
  #length = 0

  constructor(id: number) {
    this.id = id
  }

  get length(): number {
    return this.#length
  }

  get room(): number {
    return pipeCapacity - this.#length
  }

  /** Takes in as much as fits; the number of bytes taken. `given`: nobody changes the data any more. */
  push(data: Uint8Array, given = false): number {
    const taken = Math.min(this.room, data.length)
    if (taken > 0) {
      this.#chunks.push(given ? data.subarray(0, taken) : data.slice(0, taken))
      this.#length += taken
    }
    return taken
  }

  /** Up to `length` bytes from the front. */
  shift(length: number): Uint8Array {
    const wanted = Math.min(length, this.#length)
    const first = this.#chunks[0]
    if (first && first.length <= wanted && this.#chunks.length === 1) {
      this.#chunks = []
      this.#length = 0
      return first
    }
    const out = new Uint8Array(wanted)
    this.shiftInto(out)
    return out
  }

  /** Moves bytes from the front into `out`, as many as there are and fit; their number. */
  shiftInto(out: Uint8Array): number {
    const wanted = Math.min(out.length, this.#length)
    for (let at = 0; at < wanted; ) {
      const chunk = this.#chunks[0]
      if (!chunk) break
      const part = chunk.subarray(0, wanted - at)
      out.set(part, at)
      at += part.length
      if (part.length === chunk.length) this.#chunks.shift()
      else this.#chunks[0] = chunk.subarray(part.length)
    }
    this.#length -= wanted
    return wanted
  }

  /** All that is in it, for a snapshot. */
  contents(): Uint8Array {
    return Buffer.concat(this.#chunks)
  }
}
