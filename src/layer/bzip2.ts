/** bzip2 (its format as `bzip2` 1.0 writes it), unpacked block by block: memory is that of one block. */
import { invalid } from '../errors.ts'

/** No block takes more of the compressed stream, whatever is in it. */
const BLOCK_INPUT = 2 << 20
const GROUP = 50
const MAX_CODE = 20
const BLOCK_MAGIC = 0x314159265359
const END_MAGIC = 0x177245385090

const damaged = (what: string): Error => invalid(`bzip2 data invalid: ${what}`)

/** Bits of a stream, the highest of each byte first; `fill` keeps what one block may need in memory. */
class BitReader {
  readonly #input: AsyncIterator<Uint8Array>
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #held = 0
  #count = 0
  #ended = false

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input[Symbol.asyncIterator]()
  }

  async fill(): Promise<void> {
    const pieces = [this.#bytes.subarray(this.#at)]
    let length = this.#bytes.length - this.#at
    while (!this.#ended && length < BLOCK_INPUT) {
      const next = await this.#input.next()
      if (next.done) this.#ended = true
      else {
        pieces.push(next.value)
        length += next.value.length
      }
    }
    this.#bytes = pieces.length === 1 ? (pieces[0] ?? this.#bytes) : Buffer.concat(pieces)
    this.#at = 0
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** At most 24 bits. */
  bits(count: number): number {
    while (this.#count < count) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw invalid('unexpected EOF')
      this.#held = ((this.#held << 8) | byte) & 0x7fffffff
      this.#count += 8
    }
    this.#count -= count
    return (this.#held >>> this.#count) & ((1 << count) - 1)
  }

  bit(): boolean {
    return this.bits(1) === 1
  }

  align(): void {
    this.#count -= this.#count % 8
  }
}

/** A Huffman code in canonical order: codes of each length follow one another. */
interface Code {
  /** The first code of each length, and the place of its symbol in `symbols`. */
  first: number[]
  offset: number[]
  counts: number[]
  symbols: number[]
}

function codeOf(lengths: readonly number[]): Code {
  const counts = new Array<number>(MAX_CODE + 1).fill(0)
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1
  const code: Code = { first: [], offset: [], counts, symbols: [] }
  let next = 0
  for (let length = 1; length <= MAX_CODE; length++) {
    code.first[length] = next
    code.offset[length] = code.symbols.length
    for (const [symbol, own] of lengths.entries()) if (own === length) code.symbols.push(symbol)
    next = (next + (counts[length] ?? 0)) << 1
  }
  return code
}

function symbolOf(reader: BitReader, code: Code): number {
  let value = 0
  for (let length = 1; length <= MAX_CODE; length++) {
    value = (value << 1) | reader.bits(1)
    const index = value - (code.first[length] ?? 0)
    if (index >= 0 && index < (code.counts[length] ?? 0)) return code.symbols[(code.offset[length] ?? 0) + index] ?? 0
  }
  throw damaged('bad code')
}

/** Moves the item at `index` to the front. */
function toFront(list: Uint8Array, index: number): number {
  const item = list[index] ?? 0
  list.copyWithin(1, 0, index)
  list[0] = item
  return item
}

function readTables(reader: BitReader): { used: number[]; selectors: number[]; codes: Code[] } {
  const rows = reader.bits(16)
  const used: number[] = []
  for (let row = 0; row < 16; row++) {
    if (!((rows >> (15 - row)) & 1)) continue
    const columns = reader.bits(16)
    for (let column = 0; column < 16; column++) if ((columns >> (15 - column)) & 1) used.push(row * 16 + column)
  }
  const trees = reader.bits(3)
  const selectorCount = reader.bits(15)
  if (used.length === 0 || trees < 2 || trees > 6 || selectorCount === 0) throw damaged('bad tables')
  const order = Uint8Array.from({ length: trees }, (_, at) => at)
  const selectors: number[] = []
  for (let at = 0; at < selectorCount; at++) {
    let index = 0
    while (reader.bit()) if (++index >= trees) throw damaged('bad selector')
    selectors.push(toFront(order, index))
  }
  const codes: Code[] = []
  for (let tree = 0; tree < trees; tree++) {
    let length = reader.bits(5)
    const lengths: number[] = []
    for (let symbol = 0; symbol < used.length + 2; symbol++) {
      while (reader.bit()) length += reader.bit() ? -1 : 1
      if (length < 1 || length > MAX_CODE) throw damaged('bad code length')
      lengths.push(length)
    }
    codes.push(codeOf(lengths))
  }
  return { used, selectors, codes }
}

/** The bytes of one block before the last run-length coding. */
function readBlock(reader: BitReader, limit: number): Uint8Array {
  if (reader.bit()) throw damaged('deprecated randomized files')
  const origin = reader.bits(24)
  const { used, selectors, codes } = readTables(reader)
  const front = Uint8Array.from(used)
  const last = new Uint32Array(limit)
  const counts = new Uint32Array(256)
  let [length, run, weight, left, group] = [0, 0, 1, 0, -1]
  let code: Code | undefined
  const put = (byte: number, times: number): void => {
    if (length + times > limit) throw damaged('too much in a block')
    last.fill(byte, length, length + times)
    counts[byte] = (counts[byte] ?? 0) + times
    length += times
  }
  for (;;) {
    if (left-- === 0 || !code) {
      code = codes[selectors[++group] ?? -1]
      if (!code) throw damaged('too few selectors')
      left = GROUP - 1
    }
    const symbol = symbolOf(reader, code)
    if (symbol < 2) {
      run += weight << symbol
      weight <<= 1
      if (run > limit) throw damaged('too much in a block')
      continue
    }
    if (run > 0) put(front[0] ?? 0, run)
    run = 0
    weight = 1
    if (symbol === used.length + 1) break
    put(toFront(front, symbol - 1), 1)
  }
  if (origin >= length) throw damaged('pointer out of bounds')
  return untransformed(last.subarray(0, length), counts, origin)
}

/** Undoes the Burrows-Wheeler transform; the upper bits of `last` become the links. */
function untransformed(last: Uint32Array, counts: Uint32Array, origin: number): Uint8Array {
  const starts = new Uint32Array(256)
  for (let byte = 1; byte < 256; byte++) starts[byte] = (starts[byte - 1] ?? 0) + (counts[byte - 1] ?? 0)
  for (let at = 0; at < last.length; at++) {
    const byte = (last[at] ?? 0) & 0xff
    const place = starts[byte] ?? 0
    starts[byte] = place + 1
    last[place] = ((last[place] ?? 0) | (at << 8)) >>> 0
  }
  const out = new Uint8Array(last.length)
  let at = (last[origin] ?? 0) >>> 8
  for (let index = 0; index < out.length; index++) {
    const entry = last[at] ?? 0
    out[index] = entry & 0xff
    at = entry >>> 8
  }
  return out
}

/** Four equal bytes are followed by how many more there are. */
function* unrolled(block: Uint8Array): Generator<Uint8Array> {
  let out = new Uint8Array(1 << 16)
  let [length, same, before] = [0, 0, -1]
  for (const byte of block) {
    const times = same === 4 ? byte : 1
    const value = same === 4 ? before : byte
    same = same === 4 ? 0 : byte === before ? same + 1 : 1
    before = same === 0 ? -1 : byte
    if (length + times > out.length) {
      yield out.subarray(0, length)
      out = new Uint8Array(1 << 16)
      length = 0
    }
    out.fill(value, length, length + times)
    length += times
  }
  yield out.subarray(0, length)
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value >>> 0
})

function crcOf(bytes: Uint8Array, before: number): number {
  let crc = before
  for (const byte of bytes) crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ byte) & 0xff] ?? 0)
  return crc
}

const read32 = (reader: BitReader): number => ((reader.bits(16) << 16) | reader.bits(16)) >>> 0

/** The bytes of a stream that bzip2 packed; several one after another too. Throws EngineError('invalid'). */
export async function* bunzip2(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new BitReader(input)
  await reader.fill()
  while (!reader.atEnd) {
    if (reader.bits(24) !== 0x425a68) throw damaged('bad magic value')
    const level = reader.bits(8) - 48
    if (level < 1 || level > 9) throw damaged('invalid compression level')
    let whole = 0
    for (;;) {
      await reader.fill()
      const magic = reader.bits(24) * 2 ** 24 + reader.bits(24)
      const expected = read32(reader)
      if (magic === END_MAGIC) {
        if (expected !== whole >>> 0) throw damaged('file checksum mismatch')
        break
      }
      if (magic !== BLOCK_MAGIC) throw damaged('bad magic value found')
      let crc = -1
      for (const piece of unrolled(readBlock(reader, level * 100_000))) {
        crc = crcOf(piece, crc)
        yield piece
      }
      if (~crc >>> 0 !== expected) throw damaged('block checksum mismatch')
      whole = ((whole << 1) | (whole >>> 31)) ^ expected
    }
    reader.align()
    await reader.fill()
  }
}
