/** Buffered output to a descriptor, as stdio's. */
import type { Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'

/** How much is gathered before it is written: one write for each chunk, not for each line. */
const chunk = 32_768

export class Out {
  readonly fd: number
  private parts: string[] = []
  private size = 0
  /** Written after each line end: what a terminal gets, so that a screen follows along. */
  private readonly lineBuffered: boolean

  constructor(fd: number, options: { lineBuffered?: boolean } = {}) {
    this.fd = fd
    this.lineBuffered = options.lineBuffered ?? false
  }

  /** Adds a byte string without writing. For hot loops, with `if (out.full) yield* out.flush()`. */
  put(text: string): void {
    this.parts.push(text)
    this.size += text.length
  }

  /** Whether `flush` is due. */
  get full(): boolean {
    return this.size >= chunk || (this.lineBuffered && this.size > 0)
  }

  /** Adds a byte string, writing when enough is gathered. */
  *write(text: string): Routine<void> {
    this.put(text)
    if (this.full) yield* this.flush()
  }

  /** Writes what is gathered. */
  *flush(): Routine<void> {
    if (this.size === 0) return
    const text = this.parts.length === 1 ? (this.parts[0] ?? '') : this.parts.join('')
    this.parts = []
    this.size = 0
    yield { op: 'write', fd: this.fd, data: toBytes(text), given: true }
  }

  /** Writes raw bytes after what is gathered. */
  *bytes(data: Uint8Array): Routine<void> {
    yield* this.flush()
    if (data.length > 0) yield { op: 'write', fd: this.fd, data }
  }
}
