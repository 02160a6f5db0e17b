/**
 * A gzip stream of a wanted size: the compressed form of catalogue layers. Real layers compress to a third or so;
 * the zeros of ours would compress to nothing, so a prefix is stored as it is and only the zeros of the rest are
 * packed. The bytes depend on nothing but the input and `stored`, so that digests are the same everywhere
 * (zlib's output changes from release to release).
 */
import { crc32 } from 'node:zlib'

/** Input is cut into windows of this many bytes; a stored block holds at most 65,535. */
const WINDOW = 32_768
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)

/**
 * @param input  the uncompressed bytes in pieces of any size
 * @param stored  how many bytes are stored uncompressed before zeros are packed
 */
export function* gzip(input: Iterable<Uint8Array>, stored: number): Generator<Uint8Array, void> {
  yield HEADER
  let check = 0
  let length = 0
  let done = 0
  for (const window of windows(input)) {
    check = crc32(window, check)
    length += window.length
    if (done >= stored && window.length === WINDOW && isZero(window)) yield packedZeros
    else yield storedBlock(window)
    done += window.length
  }
  const end = new Uint8Array(13)
  // An empty final stored block, then CRC-32 and the length modulo 2^32.
  end.set([1, 0, 0, 0xff, 0xff])
  const view = new DataView(end.buffer)
  view.setUint32(5, check, true)
  view.setUint32(9, length % 2 ** 32, true)
  yield end
}

function* windows(input: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  let rest = new Uint8Array(0)
  for (const piece of input) {
    let data = piece
    if (rest.length > 0) {
      const missing = WINDOW - rest.length
      const joined = new Uint8Array(rest.length + Math.min(missing, data.length))
      joined.set(rest)
      joined.set(data.subarray(0, missing), rest.length)
      data = data.subarray(Math.min(missing, data.length))
      rest = joined
      if (rest.length < WINDOW) continue
      yield rest
      rest = new Uint8Array(0)
    }
    let at = 0
    for (; at + WINDOW <= data.length; at += WINDOW) yield data.subarray(at, at + WINDOW)
    rest = data.slice(at)
  }
  if (rest.length > 0) yield rest
}

function storedBlock(data: Uint8Array): Uint8Array {
  const block = new Uint8Array(5 + data.length)
  new DataView(block.buffer).setUint16(1, data.length, true)
  new DataView(block.buffer).setUint16(3, 0xffff - data.length, true)
  block.set(data, 5)
  return block
}

const zeros = Buffer.alloc(WINDOW)
const isZero = (window: Uint8Array): boolean => zeros.equals(window)

/**
 * 32,768 zeros with fixed Huffman codes (RFC 1951, 3.2.6): a literal zero, 127 copies of 258 bytes from one byte
 * back, a literal; then an empty stored block, so that the next one starts at a byte.
 */
const packedZeros: Uint8Array = packZeros()

function packZeros(): Uint8Array {
  const bits: number[] = []
  const code = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1)
  }
  const zero = (): void => code(0x30, 8)
  bits.push(0, 1, 0)
  zero()
  for (let copies = 0; copies < 127; copies++) {
    code(0xc5, 8)
    code(0, 5)
  }
  zero()
  code(0, 7)
  bits.push(0, 0, 0)
  while (bits.length % 8 !== 0) bits.push(0)
  const out = new Uint8Array(bits.length / 8 + 4)
  for (const [index, bit] of bits.entries()) out[index >> 3] = (out[index >> 3] ?? 0) | (bit << (index & 7))
  out.set([0, 0, 0xff, 0xff], bits.length / 8)
  return out
}

/** How many bytes to store so that `total` input bytes, nearly all zero, become about `wanted` bytes. */
export function storedFor(total: number, wanted: number): number {
  const packed = packedZeros.length / WINDOW
  return Math.max(0, Math.min(total, Math.round((wanted - total * packed) / (1 - packed))))
}
