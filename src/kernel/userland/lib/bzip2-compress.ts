/**
 * Compressing into a bzip2 stream: the same bytes as bzip2 1.0 makes. Each block is run-length coded, sorted by its
 * rotations (Burrows and Wheeler), moved to front, and written in up to six Huffman codes.
 */
import { blockMagic, endMagic, updateCrc } from './bzip2-format.ts'
import { sortRotations } from './rotations.ts'

const groupSize = 50
const iterations = 4
const longestCode = 17
/** What a symbol costs in a table that is not meant for it, before the first round. */
const dear = 15
const runA = 0
const runB = 1

/** Takes input as it comes; a block is written when it is full. */
export class Bzip2 {
  private readonly level: number
  private readonly limit: number
  private readonly bits = new BitWriter()
  private block: Uint8Array
  private length = 0
  private used = new Uint8Array(256)
  private crc = -1
  private combined = 0
  private last = -1
  private run = 0
  private started = false

  /** @param level 1 to 9: blocks of so many hundred thousand bytes */
  constructor(level = 9) {
    this.level = level
    this.limit = level * 100_000 - 19
    this.block = new Uint8Array(level * 100_000)
  }

  /** The output of this input, as far as whole blocks go. */
  push(data: Uint8Array, final = false): Uint8Array[] {
    if (!this.started) {
      this.started = true
      for (const code of Buffer.from(`BZh${this.level}`)) this.bits.write(8, code)
    }
    for (const byte of data) {
      if (this.length >= this.limit) this.endBlock()
      this.add(byte)
    }
    if (final) {
      this.endRun()
      if (this.length > 0) this.endBlock()
      for (const code of endMagic) this.bits.write(8, code)
      this.bits.write32(this.combined)
      this.bits.flush()
    }
    const out = this.bits.take()
    return out.length > 0 ? [out] : []
  }

  private add(byte: number): void {
    if (byte === this.last && this.run < 255) {
      this.run++
      return
    }
    this.endRun()
    this.last = byte
    this.run = 1
  }

  /** Four bytes or more of a kind are written as four and how many follow. */
  private endRun(): void {
    const { last, run } = this
    if (run === 0) return
    for (let i = 0; i < run; i++) this.crc = updateCrc(this.crc, last)
    this.used[last] = 1
    for (let i = 0; i < Math.min(run, 4); i++) this.block[this.length++] = last
    if (run >= 4) {
      this.used[run - 4] = 1
      this.block[this.length++] = run - 4
    }
    this.run = 0
  }

  private endBlock(): void {
    const crc = ~this.crc
    this.combined = ((this.combined << 1) | (this.combined >>> 31)) ^ crc
    for (const code of blockMagic) this.bits.write(8, code)
    this.bits.write32(crc)
    // Never randomised.
    this.bits.write(1, 0)
    writeBlock(this.bits, this.block.subarray(0, this.length), this.used)
    this.length = 0
    this.used = new Uint8Array(256)
    this.crc = -1
  }
}

class BitWriter {
  private bytes = new Uint8Array(1 << 16)
  private length = 0
  private pending = 0
  private count = 0

  /** Up to 24 bits, the highest first. */
  write(count: number, value: number): void {
    this.pending = (this.pending << count) | value
    this.count += count
    while (this.count >= 8) {
      this.count -= 8
      if (this.length === this.bytes.length) {
        const larger = new Uint8Array(this.length * 2)
        larger.set(this.bytes)
        this.bytes = larger
      }
      this.bytes[this.length++] = this.pending >>> this.count
      this.pending &= (1 << this.count) - 1
    }
  }

  write32(value: number): void {
    this.write(16, value >>> 16)
    this.write(16, value & 0xffff)
  }

  flush(): void {
    if (this.count > 0) this.write(8 - this.count, 0)
  }

  take(): Uint8Array {
    const out = this.bytes.slice(0, this.length)
    this.length = 0
    return out
  }
}

function writeBlock(bits: BitWriter, block: Uint8Array, used: Uint8Array): void {
  const order = sortRotations(block)
  bits.write(24, order.indexOf(0))
  const { symbols, frequency } = moveToFront(block, order, used)
  writeUsed(bits, used)
  const { lengths, selectors } = chooseTables(symbols, frequency)
  bits.write(3, lengths.length)
  bits.write(15, selectors.length)
  writeSelectors(bits, selectors, lengths.length)
  for (const table of lengths) writeLengths(bits, table)
  const codes = lengths.map(assignCodes)
  for (let at = 0; at < symbols.length; at++) {
    const table = selectors[Math.floor(at / groupSize)] ?? 0
    const symbol = symbols[at] ?? 0
    bits.write(lengths[table]?.[symbol] ?? 0, codes[table]?.[symbol] ?? 0)
  }
}

/** The last bytes of the sorted rotations as positions in a list that changes; runs of the first are counted in base two. */
function moveToFront(
  block: Uint8Array,
  order: Int32Array,
  used: Uint8Array,
): { symbols: Uint16Array; frequency: Int32Array } {
  const list: number[] = []
  for (let byte = 0; byte < 256; byte++) if (used[byte]) list.push(byte)
  const end = list.length + 1
  const symbols = new Uint16Array(block.length + 32)
  const frequency = new Int32Array(end + 1)
  let count = 0
  let zeros = 0
  const emit = (symbol: number): void => {
    symbols[count++] = symbol
    frequency[symbol] = (frequency[symbol] ?? 0) + 1
  }
  const endZeros = (): void => {
    for (; zeros > 0; zeros = (zeros - 1) >> 1) emit(zeros & 1 ? runA : runB)
  }
  for (const start of order) {
    const byte = block[start === 0 ? block.length - 1 : start - 1] ?? 0
    if (list[0] === byte) {
      zeros++
      continue
    }
    endZeros()
    const at = list.indexOf(byte)
    list.copyWithin(1, 0, at)
    list[0] = byte
    emit(at + 1)
  }
  endZeros()
  emit(end)
  return { symbols: symbols.subarray(0, count), frequency }
}

/** Tables for groups of 50 symbols: first by ranges of symbols, then four times by what is cheapest. */
function chooseTables(symbols: Uint16Array, frequency: Int32Array): { lengths: Uint8Array[]; selectors: Uint8Array } {
  const size = frequency.length
  const count = symbols.length
  const tables = count < 200 ? 2 : count < 600 ? 3 : count < 1200 ? 4 : count < 2400 ? 5 : 6
  let lengths = firstTables(frequency, count, tables)
  const selectors = new Uint8Array(Math.ceil(count / groupSize))
  for (let round = 0; round < iterations; round++) {
    const used = lengths.map(() => new Int32Array(size))
    for (let group = 0; group < selectors.length; group++) {
      const part = symbols.subarray(group * groupSize, (group + 1) * groupSize)
      let best = 0
      let least = Number.POSITIVE_INFINITY
      for (const [table, length] of lengths.entries()) {
        let cost = 0
        for (const symbol of part) cost += length[symbol] ?? 0
        if (cost < least) [best, least] = [table, cost]
      }
      selectors[group] = best
      const counts = used[best]
      if (counts) for (const symbol of part) counts[symbol] = (counts[symbol] ?? 0) + 1
    }
    lengths = used.map(codeLengths)
  }
  return { lengths, selectors }
}

function firstTables(frequency: Int32Array, count: number, tables: number): Uint8Array[] {
  const size = frequency.length
  const lengths: Uint8Array[] = []
  let left = count
  let start = 0
  for (let part = tables; part > 0; part--) {
    const wanted = Math.floor(left / part)
    let end = start - 1
    let sum = 0
    while (sum < wanted && end < size - 1) sum += frequency[++end] ?? 0
    if (end > start && part !== tables && part !== 1 && (tables - part) % 2 === 1) sum -= frequency[end--] ?? 0
    const [from, to] = [start, end]
    lengths[part - 1] = new Uint8Array(size).map((_, symbol) => (symbol >= from && symbol <= to ? 0 : dear))
    start = end + 1
    left -= sum
  }
  return lengths
}

/**
 * Lengths of a Huffman code. Of trees as good as one another it makes bzip2's, so it works with a heap as that does;
 * where a code gets too long, the frequencies are flattened.
 */
function codeLengths(frequency: Int32Array): Uint8Array {
  const size = frequency.length
  const weight = new Float64Array(size * 2)
  for (let i = 0; i < size; i++) weight[i + 1] = (frequency[i] || 1) * 256
  for (;;) {
    const lengths = treeDepths(weight, size)
    if (lengths.every(length => length <= longestCode)) return lengths
    for (let i = 1; i <= size; i++) weight[i] = (1 + Math.floor(Math.floor((weight[i] ?? 0) / 256) / 2)) * 256
  }
}

function treeDepths(weight: Float64Array, size: number): Uint8Array {
  const heap = new Int32Array(size + 2)
  const parent = new Int32Array(size * 2).fill(-1)
  weight[0] = 0
  let nodes = size
  let count = 0
  const of = (at: number): number => weight[heap[at] ?? 0] ?? 0
  const up = (): void => {
    let at = count
    const node = heap[at] ?? 0
    while ((weight[node] ?? 0) < of(at >> 1)) {
      heap[at] = heap[at >> 1] ?? 0
      at >>= 1
    }
    heap[at] = node
  }
  const takeFirst = (): number => {
    const first = heap[1] ?? 0
    const node = heap[count--] ?? 0
    let at = 1
    for (let below = 2; below <= count; below = at * 2) {
      if (below < count && of(below + 1) < of(below)) below++
      if ((weight[node] ?? 0) < of(below)) break
      heap[at] = heap[below] ?? 0
      at = below
    }
    heap[at] = node
    return first
  }
  for (let i = 1; i <= size; i++) {
    heap[++count] = i
    up()
  }
  while (count > 1) {
    const [a, b] = [takeFirst(), takeFirst()]
    nodes++
    parent[a] = nodes
    parent[b] = nodes
    weight[nodes] = joined(weight[a] ?? 0, weight[b] ?? 0)
    heap[++count] = nodes
    up()
  }
  return Uint8Array.from({ length: size }, (_, symbol) => {
    let depth = 0
    for (let node = parent[symbol + 1] ?? -1; node >= 0; node = parent[node] ?? -1) depth++
    return depth
  })
}

/** Frequencies are added up; the low byte keeps how deep a tree is, so that of two as heavy the flatter goes first. */
const joined = (a: number, b: number): number =>
  Math.floor(a / 256) * 256 + Math.floor(b / 256) * 256 + 1 + Math.max(a % 256, b % 256)

function assignCodes(lengths: Uint8Array): Int32Array {
  const codes = new Int32Array(lengths.length)
  let code = 0
  for (let length = 1; length <= longestCode; length++) {
    for (const [symbol, own] of lengths.entries()) if (own === length) codes[symbol] = code++
    code <<= 1
  }
  return codes
}

function writeUsed(bits: BitWriter, used: Uint8Array): void {
  const rows = Array.from({ length: 16 }, (_, row) => used.subarray(row * 16, row * 16 + 16))
  for (const row of rows) bits.write(1, row.includes(1) ? 1 : 0)
  for (const row of rows) if (row.includes(1)) for (const bit of row) bits.write(1, bit)
}

function writeSelectors(bits: BitWriter, selectors: Uint8Array, tables: number): void {
  const list = Array.from({ length: tables }, (_, table) => table)
  for (const selector of selectors) {
    const at = list.indexOf(selector)
    list.copyWithin(1, 0, at)
    list[0] = selector
    for (let i = 0; i < at; i++) bits.write(1, 1)
    bits.write(1, 0)
  }
}

function writeLengths(bits: BitWriter, lengths: Uint8Array): void {
  let current = lengths[0] ?? 0
  bits.write(5, current)
  for (const length of lengths) {
    for (; current < length; current++) bits.write(2, 2)
    for (; current > length; current--) bits.write(2, 3)
    bits.write(1, 0)
  }
}
