/** Randomness. The one source for ids, names and addresses; seeded in a repeatable run. */
import { createHash, randomFillSync } from 'node:crypto'
import { openSync, readSync } from 'node:fs'

export interface Random {
  bytes(length: number): Uint8Array
  /** An integer from 0 to n - 1. */
  below(n: number): number
  /** 64 hex digits, as Docker's ids are. */
  id(): string
}

/** The host's cryptographic source. */
export function systemRandom(): Random {
  let device: number | undefined
  return fromBytes(length => {
    const bytes = new Uint8Array(length)
    try {
      // The same source as node:crypto's, which takes milliseconds to load.
      device ??= openSync('/dev/urandom', 'r')
      if (readSync(device, bytes, 0, length, null) === length) return bytes
    } catch {
      // A host without the device.
    }
    return randomFillSync(bytes)
  })
}

/** How far a repeatable source has come. */
export interface Draws {
  draws: number
}

/** A repeatable source: SHA-256 of the seed and of the count of draws, which `state` keeps for the next process. */
export function seededRandom(seed: string, state: Draws = { draws: 0 }): Random {
  return fromBytes(length => {
    const out = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) {
      const block = createHash('sha256')
        .update(`${seed}:${state.draws++}`)
        .digest()
      out.set(block.subarray(0, Math.min(32, length - at)), at)
    }
    return out
  })
}

function fromBytes(bytes: (length: number) => Uint8Array): Random {
  return {
    bytes,
    below(n) {
      const view = bytes(6)
      return Number(view.reduce((value, byte) => value * 256 + byte, 0) % n)
    },
    id() {
      const id = Buffer.from(bytes(32)).toString('hex')
      // Docker redraws an id whose short form is a number, so that hostnames and DNS names are none.
      return /^\d+$/.test(id.slice(0, 12)) ? this.id() : id
    },
  }
}
