/** Reading from descriptors in chunks, as byte strings. */
import { Errno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { fromBytes } from './bytes.ts'

/** Bytes asked for in one read. */
export const readSize = 65_536

/** A line longer than this is memory that the process claims from the kernel, as malloc would. */
const claimStep = 4 * 1024 * 1024
const lineLimit = 128 * 1024 * 1024

/** Opens a file for reading; `-` is standard input when `dash` is set. Blocks on a fifo. */
export function* openInput(path: string, options: { dash?: boolean } = {}): Routine<number> {
  if (path === '-' && options.dash !== false) return 0
  return (yield { op: 'open', path, flags: { read: true }, mode: 0 }) as number
}

/** At most `length` bytes; empty at the end of the file. */
export function* readBytes(fd: number, length = readSize): Routine<Uint8Array> {
  return (yield { op: 'read', fd, length }) as Uint8Array
}

/** What a stored process takes with it is at most about two of these. */
const largestPiece = 1 << 18

/** A stream piece by piece, larger ones as it goes on. Each is good until the next is asked for; empty at the end. */
export class Pieces {
  private readonly fd: number
  private size = readSize

  constructor(fd: number) {
    this.fd = fd
  }

  *next(): Routine<Uint8Array> {
    const data = (yield { op: 'read', fd: this.fd, length: this.size, passing: true }) as Uint8Array
    if (data.length === this.size && this.size < largestPiece) this.size *= 4
    return data
  }
}

/** At most `length` bytes as a byte string; '' at the end of the file. */
export function* readChunk(fd: number, length = readSize): Routine<string> {
  return fromBytes(yield* readBytes(fd, length))
}

/** Everything up to the end of the file. Memory is claimed from the kernel as it grows (the OOM killer may come). */
export function* readAll(p: Proc, fd: number): Routine<string> {
  const parts: string[] = []
  const claim = new Claim(p)
  for (let part = yield* readChunk(fd); part !== ''; part = yield* readChunk(fd)) {
    parts.push(part)
    claim.add(part.length)
  }
  return parts.join('')
}

/** A whole small file by its path (`-` is stdin), closed again. */
export function* readFile(p: Proc, path: string): Routine<string> {
  const fd = yield* openInput(path)
  try {
    return yield* readAll(p, fd)
  } finally {
    if (fd !== 0) p.close(fd)
  }
}

/** Claims memory in steps for data that a command must hold; ENOMEM beyond what the simulator itself can hold. */
export class Claim {
  private readonly p: Proc
  private held = 0
  private claimed = 0

  constructor(p: Proc) {
    this.p = p
  }

  add(bytes: number): void {
    this.held += bytes
    if (this.held > lineLimit) throw new Errno('ENOMEM')
    if (this.held - this.claimed < claimStep) return
    this.p.memory(this.held - this.claimed)
    this.claimed = this.held
  }
}

/**
 * Lines of a descriptor. The fastest loop is
 * `for (let line = lines.take() ?? (yield* lines.next()); line !== undefined; line = lines.take() ?? (yield* lines.next()))`.
 */
export class Lines {
  readonly fd: number
  /** Whether the line given last ended with the delimiter (false only for an unfinished last line). */
  terminated = true
  private readonly p: Proc
  private readonly delimiter: string
  private buffer = ''
  private at = 0
  private ended = false

  constructor(p: Proc, fd: number, delimiter = '\n', rest = '') {
    this.p = p
    this.fd = fd
    this.delimiter = delimiter
    this.buffer = rest
  }

  /** The next line if it is already here, without its delimiter. */
  take(): string | undefined {
    const end = this.buffer.indexOf(this.delimiter, this.at)
    if (end === -1) return undefined
    const line = this.buffer.slice(this.at, end)
    this.at = end + 1
    return line
  }

  /** The next line, read when needed; undefined at the end of the file. */
  *next(): Routine<string | undefined> {
    const ready = this.take()
    if (ready !== undefined) return ready
    const parts = [this.buffer.slice(this.at)]
    this.buffer = ''
    this.at = 0
    const claim = new Claim(this.p)
    while (!this.ended) {
      const part = yield* readChunk(this.fd)
      if (part === '') {
        this.ended = true
        break
      }
      const end = part.indexOf(this.delimiter)
      if (end !== -1) {
        parts.push(part.slice(0, end))
        this.buffer = part
        this.at = end + 1
        return parts.join('')
      }
      parts.push(part)
      claim.add(part.length)
    }
    const last = parts.join('')
    if (last === '') return undefined
    this.terminated = false
    return last
  }

  /** Whether another line follows; reads ahead when it must. */
  *more(): Routine<boolean> {
    if (this.at < this.buffer.length) return true
    if (this.ended) return false
    this.buffer = yield* readChunk(this.fd)
    this.at = 0
    this.ended = this.buffer === ''
    return !this.ended
  }

  /** What was read and not yet given: together with the descriptor, all that a checkpoint must keep. */
  rest(): string {
    return this.buffer.slice(this.at)
  }
}
