/** Decompressing bzip2 streams, block by block. */
import { blockMagic, endMagic, updateCrc } from './bzip2-format.ts'

const groupSize = 50
const longestCode = 20
const piece = 1 << 16

/** `magic`: no bzip2 at all; `short`: it ends too early; `block`: no block where one should be; `data`: what is in it cannot be; `crc`: it is damaged. */
export class Bzip2Error extends Error {
  override readonly name = 'Bzip2Error'
  readonly kind: 'empty' | 'magic' | 'short' | 'block' | 'data' | 'crc'

  constructor(kind: Bzip2Error['kind']) {
    super(kind)
    this.kind = kind
  }
}

/** The input has ended within a block: more of it is needed. */
class NeedInput extends Error {}

/** Decompresses one stream or several, one behind the other. */
export class Bunzip2 {
  private input: Uint8Array = new Uint8Array(0)
  private bit = 0
  /** Input that is worth another attempt at the block. */
  private enough = 0
  private level = 0
  private combined = 0
  private streams = 0
  private trailing = false
  /** The checksum that the block under way should have. */
  private expected = 0;

  /** The output of this input, in pieces. Throws Bzip2Error after what could be read. */
  *push(data: Uint8Array, final = false): Generator<Uint8Array, void, undefined> {
    if (this.trailing) return
    const gone = this.bit >> 3
    const joined = new Uint8Array(this.input.length - gone + data.length)
    joined.set(this.input.subarray(gone))
    joined.set(data, this.input.length - gone)
    this.input = joined
    this.bit &= 7
    if (!final && joined.length < this.enough) return
    for (;;) {
      const { bit, level, combined, streams } = this
      let block: Uint8Array | 'end' | undefined
      try {
        block = this.next()
        if (!block) return
      } catch (error) {
        if (!(error instanceof NeedInput)) throw error
        Object.assign(this, { bit, level, combined, streams })
        this.enough = joined.length * 2
        if (!final) return
        if (this.level === 0 && this.streams > 0) return
        const begun = this.level > 0 || (joined[0] === 0x42 && joined[1] === 0x5a)
        throw new Bzip2Error(joined.length === 0 ? 'empty' : begun ? 'short' : 'magic')
      }
      if (block !== 'end') yield* this.unrun(block)
    }
  }

  /** The next block, still run-length coded, or the end of a stream; undefined when there are no more streams. */
  private next(): Uint8Array | 'end' | undefined {
    if (this.level === 0 && !this.header()) return undefined
    const magic = Array.from({ length: 6 }, () => this.read(8))
    if (magic.every((byte, at) => byte === blockMagic[at])) return this.block()
    if (!magic.every((byte, at) => byte === endMagic[at])) throw new Bzip2Error('block')
    if (this.read32() !== this.combined) throw new Bzip2Error('crc')
    this.bit = (this.bit + 7) & ~7
    this.level = 0
    this.combined = 0
    this.streams++
    return 'end'
  }

  /** A stream's first four bytes; false when something else follows the last one. */
  private header(): boolean {
    const [b, z, h, level] = [this.read(8), this.read(8), this.read(8), this.read(8) - 48]
    if (b === 0x42 && z === 0x5a && h === 0x68 && level >= 1 && level <= 9) {
      this.level = level
      return true
    }
    if (this.streams === 0) throw new Bzip2Error('magic')
    this.trailing = true
    return false
  }

  private block(): Uint8Array {
    this.expected = this.read32()
    // A flag of old versions, which nobody sets.
    if (this.read(1) === 1) throw new Bzip2Error('data')
    const origin = this.read(24)
    const bytes = this.readUsed()
    const { selectors, tables } = this.readTables(bytes.length + 2)
    const limit = this.level * 100_000
    const last = new Uint8Array(limit)
    let length = 0
    let [run, weight] = [0, 1]
    const end = bytes.length + 1
    for (let at = 0; ; at++) {
      const table = tables[selectors[Math.floor(at / groupSize)] ?? -1]
      if (!table) throw new Bzip2Error('data')
      const symbol = this.symbol(table)
      if (symbol <= 1) {
        run += weight << symbol
        weight *= 2
        if (run > limit) throw new Bzip2Error('data')
        continue
      }
      if (length + run > limit) throw new Bzip2Error('data')
      if (run > 0) {
        last.fill(bytes[0] ?? 0, length, length + run)
        length += run
        run = 0
        weight = 1
      }
      if (symbol === end) break
      const byte = bytes[symbol - 1] ?? 0
      bytes.copyWithin(1, 0, symbol - 1)
      bytes[0] = byte
      if (length >= limit) throw new Bzip2Error('data')
      last[length++] = byte
    }
    if (origin >= length) throw new Bzip2Error('data')
    return unsort(last.subarray(0, length), origin)
  }

  private readUsed(): number[] {
    const rows = Array.from({ length: 16 }, () => this.read(1))
    const bytes: number[] = []
    for (const [row, any] of rows.entries())
      if (any) for (let at = 0; at < 16; at++) if (this.read(1)) bytes.push(row * 16 + at)
    if (bytes.length === 0) throw new Bzip2Error('data')
    return bytes
  }

  private readTables(size: number): { selectors: number[]; tables: Code[] } {
    const count = this.read(3)
    const groups = this.read(15)
    if (count < 2 || count > 6 || groups === 0) throw new Bzip2Error('data')
    const list = Array.from({ length: count }, (_, table) => table)
    const selectors = Array.from({ length: groups }, () => {
      let at = 0
      while (this.read(1)) if (++at >= count) throw new Bzip2Error('data')
      const table = list[at] ?? 0
      list.copyWithin(1, 0, at)
      list[0] = table
      return table
    })
    const tables = Array.from({ length: count }, () => {
      let length = this.read(5)
      return makeCode(
        Array.from({ length: size }, () => {
          while (this.read(1)) length += this.read(1) ? -1 : 1
          if (length < 1 || length > longestCode) throw new Bzip2Error('data')
          return length
        }),
      )
    })
    return { selectors, tables }
  }

  private symbol({ least, limits, offsets, symbols }: Code): number {
    let code = this.read(least)
    for (let length = least; length <= longestCode; length++) {
      if (code <= (limits[length] ?? -1)) {
        const symbol = symbols[code - (offsets[length] ?? 0)]
        if (symbol === undefined) break
        return symbol
      }
      code = (code << 1) | this.read(1)
    }
    throw new Bzip2Error('data')
  }

  /** Up to 24 bits. */
  private read(count: number): number {
    const { input, bit } = this
    if (bit + count > input.length * 8) throw new NeedInput()
    let value = 0
    let left = count
    let at = bit
    while (left > 0) {
      const room = 8 - (at & 7)
      const part = Math.min(room, left)
      value = (value << part) | (((input[at >> 3] as number) >> (room - part)) & ((1 << part) - 1))
      at += part
      left -= part
    }
    this.bit = at
    return value
  }

  private read32(): number {
    return (this.read(16) << 16) | this.read(16)
  }

  /** Undoes the first step: four bytes of a kind are followed by how many more. */
  private *unrun(block: Uint8Array): Generator<Uint8Array, void, undefined> {
    let out = new Uint8Array(piece)
    let length = 0
    let crc = -1
    let [last, run] = [-1, 0]
    for (const byte of block) {
      const times = run === 4 ? byte : 1
      const what = run === 4 ? last : byte
      if (run === 4) run = 0
      else if (byte === last) run++
      else [last, run] = [byte, 1]
      for (let i = 0; i < times; i++) {
        crc = updateCrc(crc, what)
        out[length++] = what
      }
      if (length > piece - 256) {
        yield out.subarray(0, length)
        out = new Uint8Array(piece)
        length = 0
      }
    }
    if (length > 0) yield out.subarray(0, length)
    if (~crc !== this.expected) throw new Bzip2Error('crc')
    this.combined = ((this.combined << 1) | (this.combined >>> 31)) ^ this.expected
  }
}

interface Code {
  least: number
  /** By length: the highest code, and what to take off a code for its place among the symbols. */
  limits: Int32Array
  offsets: Int32Array
  symbols: number[]
}

function makeCode(lengths: readonly number[]): Code {
  const limits = new Int32Array(longestCode + 1).fill(-1)
  const offsets = new Int32Array(longestCode + 1)
  const symbols: number[] = []
  let code = 0
  for (let length = 1; length <= longestCode; length++) {
    offsets[length] = code - symbols.length
    for (const [symbol, own] of lengths.entries())
      if (own === length) {
        symbols.push(symbol)
        code++
      }
    limits[length] = code - 1
    code <<= 1
  }
  return { least: Math.min(...lengths), limits, offsets, symbols }
}

/** The block whose rotations, sorted, end in `last`: from the one that is the block itself. */
function unsort(last: Uint8Array, origin: number): Uint8Array {
  const starts = new Int32Array(257)
  for (const byte of last) starts[byte + 1] = (starts[byte + 1] ?? 0) + 1
  for (let byte = 0; byte < 256; byte++) starts[byte + 1] = (starts[byte + 1] ?? 0) + (starts[byte] ?? 0)
  const links = new Int32Array(last.length)
  for (let at = 0; at < last.length; at++) {
    const byte = last[at] as number
    links[starts[byte] as number] = at
    starts[byte] = (starts[byte] as number) + 1
  }
  const block = new Uint8Array(last.length)
  for (let i = 0, at = links[origin] as number; i < block.length; i++, at = links[at] as number)
    block[i] = last[at] as number
  return block
}
