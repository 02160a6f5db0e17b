/**
 * DEFLATE decompression (RFC 1951) in pieces: a command cannot wait for Node's asynchronous zlib, and the
 * synchronous one wants all of the input at once. Output of one call is bounded by about a thousand times its input.
 */

/** Damaged data. */
export class InflateError extends Error {
  override readonly name = 'InflateError'
}

interface Tree {
  /** Number of codes of each length. */
  counts: Uint16Array
  /** Symbols ordered by code. */
  symbols: Uint16Array
}

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]
const distanceExtra = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

const window = 32_768
const pieceSize = 65_536
/** More than a block's header, or a symbol with its extra bits, can take. */
const headerMargin = 512
const symbolMargin = 16

export class Inflate {
  private input = new Uint8Array(0)
  private at = 0
  private bits = 0
  private bitCount = 0
  private output = new Uint8Array(window + pieceSize)
  private end = window
  /** Where the bytes not yet given out start. */
  private from = window
  /** How far back a distance may reach. */
  private history = 0
  private state: 'header' | 'stored' | 'symbols' | 'done' = 'header'
  private last = false
  private storedLeft = 0
  private literals: Tree | undefined
  private distances: Tree | undefined
  private failure: InflateError | undefined

  /** Whether the last block has ended; `rest` is what follows it. */
  get done(): boolean {
    return this.state === 'done'
  }

  /** Input after the end of the compressed data. */
  rest(): Uint8Array {
    return this.input.subarray(this.at - Math.floor(this.bitCount / 8))
  }

  /** Takes input and returns the output it gives. `final`: no more will come. Throws InflateError. */
  push(data: Uint8Array, final = false): Uint8Array[] {
    const joined = new Uint8Array(this.input.length - this.at + data.length)
    joined.set(this.input.subarray(this.at))
    joined.set(data, this.input.length - this.at)
    this.input = joined
    this.at = 0
    if (this.failure) throw this.failure
    const out: Uint8Array[] = []
    try {
      this.decode(out, final)
    } catch (error) {
      if (!(error instanceof InflateError)) throw error
      this.failure = error
    }
    this.giveOut(out)
    // What came before the damage is given out first; the next call throws.
    if (this.failure && out.length === 0) throw this.failure
    return out
  }

  private decode(out: Uint8Array[], final: boolean): void {
    while (this.state !== 'done') {
      const available = this.input.length - this.at
      if (this.state === 'header') {
        if (available < headerMargin && !final) break
        this.blockHeader()
      } else if (this.state === 'stored') {
        if (available + Math.floor(this.bitCount / 8) === 0 && this.storedLeft > 0) {
          if (final) throw new InflateError('unexpected end of file')
          break
        }
        this.copyStored()
      } else {
        if (available < symbolMargin && !final) break
        this.decodeSymbols(final)
      }
      if (this.end - window >= pieceSize - 300) this.giveOut(out)
    }
  }

  private giveOut(out: Uint8Array[]): void {
    if (this.end > this.from) out.push(this.output.slice(this.from, this.end))
    // Keep the window in front of what comes next.
    this.history = Math.min(window, this.history + this.end - this.from)
    this.output.copyWithin(0, this.end - window, this.end)
    this.end = window
    this.from = window
  }

  private need(count: number): number {
    while (this.bitCount < count) {
      const byte = this.input[this.at]
      if (byte === undefined) throw new InflateError('unexpected end of file')
      this.at++
      this.bits |= byte << this.bitCount
      this.bitCount += 8
    }
    const value = this.bits & ((1 << count) - 1)
    this.bits >>>= count
    this.bitCount -= count
    return value
  }

  private blockHeader(): void {
    if (this.last) {
      this.state = 'done'
      return
    }
    this.last = this.need(1) === 1
    const kind = this.need(2)
    if (kind === 0) {
      this.need(this.bitCount % 8)
      const length = this.need(8) | (this.need(8) << 8)
      const check = this.need(8) | (this.need(8) << 8)
      if ((length ^ 0xffff) !== check) throw new InflateError('invalid stored block lengths')
      this.storedLeft = length
      this.state = 'stored'
    } else if (kind === 1) {
      const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288)
      this.literals = tree(lengths)
      this.distances = tree(new Uint8Array(30).fill(5))
      this.state = 'symbols'
    } else if (kind === 2) {
      this.dynamicTrees()
      this.state = 'symbols'
    } else throw new InflateError('invalid block type')
  }

  private dynamicTrees(): void {
    const literalCount = this.need(5) + 257
    const distanceCount = this.need(5) + 1
    const codeCount = this.need(4) + 4
    if (literalCount > 286 || distanceCount > 30) throw new InflateError('too many length or distance symbols')
    const codeLengths = new Uint8Array(19)
    for (let i = 0; i < codeCount; i++) codeLengths[codeOrder[i] ?? 0] = this.need(3)
    const codes = tree(codeLengths)
    const lengths = new Uint8Array(literalCount + distanceCount)
    for (let i = 0; i < lengths.length; ) {
      const symbol = this.symbol(codes)
      if (symbol < 16) {
        lengths[i++] = symbol
        continue
      }
      const value = symbol === 16 ? lengths[i - 1] : 0
      if (value === undefined) throw new InflateError('invalid bit length repeat')
      const repeat = symbol === 16 ? 3 + this.need(2) : symbol === 17 ? 3 + this.need(3) : 11 + this.need(7)
      if (i + repeat > lengths.length) throw new InflateError('invalid bit length repeat')
      lengths.fill(value, i, i + repeat)
      i += repeat
    }
    this.literals = tree(lengths.subarray(0, literalCount))
    this.distances = tree(lengths.subarray(literalCount))
  }

  private copyStored(): void {
    while (this.storedLeft > 0 && this.bitCount >= 8) {
      this.output[this.end++] = this.need(8)
      this.storedLeft--
    }
    const count = Math.min(this.storedLeft, this.input.length - this.at, this.output.length - this.end)
    this.output.set(this.input.subarray(this.at, this.at + count), this.end)
    this.at += count
    this.end += count
    this.storedLeft -= count
    if (this.storedLeft === 0) this.state = 'header'
  }

  private decodeSymbols(final: boolean): void {
    const { literals, distances } = this
    if (!literals || !distances) throw new InflateError('no trees')
    while (this.end < this.output.length - 300) {
      if (!final && this.input.length - this.at < symbolMargin) return
      const symbol = this.symbol(literals)
      if (symbol < 256) {
        this.output[this.end++] = symbol
        continue
      }
      if (symbol === 256) {
        this.state = 'header'
        return
      }
      const length = (lengthBase[symbol - 257] ?? 0) + this.need(lengthExtra[symbol - 257] ?? 0)
      const code = this.symbol(distances)
      const distance = (distanceBase[code] ?? 0) + this.need(distanceExtra[code] ?? 0)
      if (length < 3 || distance === 0 || distance > this.history + this.end - this.from) {
        throw new InflateError('invalid distance too far back')
      }
      for (let i = 0; i < length; i++) {
        this.output[this.end] = this.output[this.end - distance] ?? 0
        this.end++
      }
    }
  }

  /** Canonical Huffman decoding, one bit at a time (as in zlib's puff). */
  private symbol({ counts, symbols }: Tree): number {
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= 15; length++) {
      code |= this.need(1)
      const count = counts[length] ?? 0
      if (code - count < first) return symbols[index + (code - first)] ?? 0
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw new InflateError('invalid code')
  }
}

function tree(lengths: Uint8Array): Tree {
  const counts = new Uint16Array(16)
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1
  const offsets = new Uint16Array(16)
  for (let length = 1; length < 15; length++) offsets[length + 1] = (offsets[length] ?? 0) + (counts[length] ?? 0)
  const symbols = new Uint16Array(lengths.length)
  lengths.forEach((length, symbol) => {
    if (length === 0) return
    const offset = offsets[length] ?? 0
    symbols[offset] = symbol
    offsets[length] = offset + 1
  })
  counts[0] = 0
  return { counts, symbols }
}
