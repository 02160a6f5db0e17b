/** The keys that detach a terminal from a container (moby/term proxy): `ctrl-p,ctrl-q` unless the user says otherwise. */
import { invalid } from '../../../errors.ts'
import { StatusError } from '../../errors.ts'

/** The keys as the daemon checks them when the client attaches: it refuses the connection. Throws the client's words. */
export function checkAttachKeys(text: string): void {
  try {
    parseDetachKeys(text)
  } catch {
    throw new StatusError(1, 'unable to upgrade to tcp, received 400')
  }
}

/** The same for exec, where the daemon says what is wrong. */
export function checkExecKeys(text: string): void {
  try {
    parseDetachKeys(text)
  } catch {
    throw invalid(`Invalid escape keys (${text}) provided`)
  }
}

/** The bytes of a list such as `ctrl-p,ctrl-q` or `a,ctrl-c`. Throws for a key that is none. */
function parseDetachKeys(text: string): Uint8Array {
  const keys = (text || 'ctrl-p,ctrl-q').split(',').map(key => {
    if (key.length === 1) return key.charCodeAt(0)
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)
    if (!control) throw new Error(`Unknown character: '${key}'`)
    return (control[1] ?? '').toUpperCase().charCodeAt(0) & 0x1f
  })
  return Uint8Array.from(keys)
}

/** Watches input for the keys. Keys of an unfinished sequence are held back until it is clear that it is none. */
export class DetachKeys {
  readonly #keys: Uint8Array
  #matched = 0

  constructor(text: string) {
    this.#keys = parseDetachKeys(text)
  }

  /** What of the input the process is to get, and whether the keys were complete. */
  filter(data: Uint8Array): { pass: Uint8Array; detach: boolean } {
    const pass: number[] = []
    for (const byte of data) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched++
        if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detach: true }
        continue
      }
      pass.push(...this.#keys.subarray(0, this.#matched))
      this.#matched = byte === this.#keys[0] ? 1 : 0
      if (this.#matched === 0) pass.push(byte)
    }
    return { pass: Uint8Array.from(pass), detach: false }
  }
}
