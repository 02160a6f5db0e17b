/** gzip files (RFC 1952) in pieces. */
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { Inflate, InflateError } from './inflate.ts'

/** What is wrong with a gzip file: `short` ends within the compressed data, `cut` within what is around them. */
export class GzipError extends Error {
  override readonly name = 'GzipError'
  readonly kind: 'empty' | 'magic' | 'short' | 'cut' | 'corrupted' | 'crc'

  constructor(kind: 'empty' | 'magic' | 'short' | 'cut' | 'corrupted' | 'crc') {
    super(kind)
    this.kind = kind
  }
}

/** Input is taken in steps of this size, so that a bomb's output comes in digestible pieces. */
const step = 4096

/** Decompresses one or more gzip members; what follows them and is no gzip is ignored, as gunzip does. */
export class Gunzip {
  private buffer: Uint8Array = new Uint8Array(0)
  private crc = 0
  private size = 0
  private members = 0
  private trailing = false
  private inflate: Inflate | undefined;

  /** The output of this input, in pieces as they are asked for. Throws GzipError after what could be read. */
  *push(data: Uint8Array, final = false): Generator<Uint8Array, void, undefined> {
    for (let at = 0; at < data.length; at += step) yield* this.take(data.subarray(at, at + step), false)
    if (final) yield* this.take(new Uint8Array(0), true)
  }

  private *take(data: Uint8Array, final: boolean): Generator<Uint8Array, void, undefined> {
    let input = data
    for (;;) {
      if (this.trailing) return
      if (!this.inflate) {
        this.buffer = concat(this.buffer, input)
        input = new Uint8Array(0)
        if (!this.header(final)) return
        input = this.buffer
        this.buffer = new Uint8Array(0)
      }
      const { inflate } = this
      if (!inflate) return
      if (!inflate.done) {
        let pieces: Uint8Array[]
        try {
          pieces = inflate.push(input, final)
        } catch (error) {
          if (!(error instanceof InflateError)) throw error
          throw new GzipError(final ? 'short' : 'corrupted')
        }
        for (const piece of pieces) {
          this.crc = crc32(piece, this.crc)
          this.size = (this.size + piece.length) >>> 0
          yield piece
        }
        if (!inflate.done) {
          if (final) throw new GzipError('short')
          return
        }
        this.buffer = inflate.rest().slice()
      } else this.buffer = concat(this.buffer, input)
      if (this.buffer.length < 8) {
        if (final) throw new GzipError('cut')
        return
      }
      const view = new DataView(this.buffer.buffer, this.buffer.byteOffset)
      if (view.getUint32(0, true) !== this.crc || view.getUint32(4, true) !== this.size) throw new GzipError('crc')
      this.buffer = this.buffer.slice(8)
      this.inflate = undefined
      this.crc = 0
      this.size = 0
      this.members++
      input = new Uint8Array(0)
      if (this.buffer.length === 0) return
    }
  }

  /** Reads a member's header from the buffer; false when more input is needed. */
  private header(final: boolean): boolean {
    const b = this.buffer
    if (b.length === 0 && final) {
      if (this.members === 0) throw new GzipError('empty')
      return false
    }
    if ((b[0] ?? 0x1f) !== 0x1f || (b[1] ?? 0x8b) !== 0x8b || (b[2] ?? 8) !== 8) {
      if (this.members === 0) throw new GzipError('magic')
      this.trailing = true
      return false
    }
    const end = headerEnd(b)
    if (end === undefined) {
      if (final) throw new GzipError(b.length < 2 ? 'magic' : 'cut')
      return false
    }
    this.buffer = b.slice(end)
    this.inflate = new Inflate()
    return true
  }
}

function headerEnd(b: Uint8Array): number | undefined {
  if (b.length < 10) return undefined
  const flags = b[3] ?? 0
  let at = 10
  if (flags & 4) {
    if (b.length < at + 2) return undefined
    at += 2 + (b[at] ?? 0) + ((b[at + 1] ?? 0) << 8)
  }
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue
    const zero = b.indexOf(0, at)
    if (zero === -1) return undefined
    at = zero + 1
  }
  if (flags & 2) at += 2
  return at <= b.length ? at : undefined
}

/** Bytes that are compressed together; each lot of them makes a block of its own. */
const lot = 1024 * 1024

/** Compresses into one gzip member. */
export class Gzip {
  private readonly level: number
  private pending: Uint8Array[] = []
  private pendingSize = 0
  private crc = 0
  private size = 0
  private started = false
  private readonly name: string | undefined
  private readonly mtime: number

  /** @param name file name for the header; `mtime` in seconds */
  constructor(options: { level?: number; name?: string; mtime?: number } = {}) {
    this.level = options.level ?? 6
    this.name = options.name
    this.mtime = options.mtime ?? 0
  }

  push(data: Uint8Array, final = false): Uint8Array[] {
    const out: Uint8Array[] = []
    if (!this.started) {
      this.started = true
      out.push(this.header())
    }
    if (data.length > 0) {
      this.crc = crc32(data, this.crc)
      this.size = (this.size + data.length) >>> 0
      this.pending.push(data.slice())
      this.pendingSize += data.length
    }
    if (this.pendingSize >= lot || final) {
      const finishFlush = final ? constants.Z_FINISH : constants.Z_SYNC_FLUSH
      out.push(deflateRawSync(Buffer.concat(this.pending), { level: this.level, finishFlush }))
      this.pending = []
      this.pendingSize = 0
    }
    if (final) {
      const tail = Buffer.alloc(8)
      tail.writeUInt32LE(this.crc, 0)
      tail.writeUInt32LE(this.size, 4)
      out.push(tail)
    }
    return out
  }

  private header(): Uint8Array {
    const head = Buffer.from([
      0x1f,
      0x8b,
      8,
      this.name === undefined ? 0 : 8,
      0,
      0,
      0,
      0,
      this.level === 9 ? 2 : this.level === 1 ? 4 : 0,
      3,
    ])
    head.writeUInt32LE(this.mtime >>> 0, 4)
    return this.name === undefined ? head : Buffer.concat([head, Buffer.from(`${this.name}\0`, 'latin1')])
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}
