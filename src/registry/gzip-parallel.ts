/**
 * Gzip on all cores: the input is cut into pieces that are deflated at the same time and joined, as pigz does. The same
 * input gives the same bytes on the same release of Node.
 */
import { promisify } from 'node:util'
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib'

/** Bytes of a piece, and how many are being deflated. */
const PIECE = 1 << 18
const AT_ONCE = 8
/** Samples of a piece that tell whether deflating it is worth the time: bytes of one, and their places. */
const SAMPLE = 2048
const PLACES = [0.1, 0.5, 0.9]
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255)

const deflate = promisify(deflateRaw) as (
  data: Uint8Array,
  options: { level: number; finishFlush: number; memLevel: number },
) => Promise<Uint8Array>

export async function* gzipInParallel(input: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield HEADER
  let check = 0
  let length = 0
  const running: Promise<Uint8Array>[] = []
  for (const piece of pieces(input)) {
    check = crc32(piece, check)
    length += piece.length
    const packed = deflate(piece, { level: isNoise(piece) ? 0 : 1, finishFlush: constants.Z_SYNC_FLUSH, memLevel: 9 })
    // Who waits for it is told; until then it is no unhandled failure.
    packed.catch(() => {})
    running.push(packed)
    if (running.length < AT_ONCE) continue
    const first = await running.shift()
    if (first) yield first
  }
  for (const packed of running) yield await packed
  // An empty last block, the CRC-32, and the length modulo 2^32.
  const end = Buffer.alloc(10)
  end.set([3, 0])
  end.writeUInt32LE(check, 2)
  end.writeUInt32LE(length % 2 ** 32, 6)
  yield end
}

/** Whether no sample gets smaller: what is compressed or encrypted already is stored as it is. */
function isNoise(piece: Uint8Array): boolean {
  return PLACES.every(place => {
    const from = Math.floor(place * piece.length)
    const sample = piece.subarray(from, from + SAMPLE)
    return deflateRawSync(sample, { level: 1 }).length > sample.length * 0.98
  })
}

/** The input in pieces of one size, which no longer share memory with it. */
function* pieces(input: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  let piece = Buffer.allocUnsafe(PIECE)
  let filled = 0
  for (const bytes of input) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + PIECE - filled)
      piece.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < PIECE) continue
      yield piece
      piece = Buffer.allocUnsafe(PIECE)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
