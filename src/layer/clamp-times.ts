/** A layer's tar with no time later than a given one (buildkit util/converter, `rewrite-timestamp`). */

const BLOCK = 512
const SIZE = { at: 124, length: 12 }
const MTIME = { at: 136, length: 12 }
const CHECKSUM = { at: 148, length: 8 }

/**
 * Gives the same tar but for the times of its entries: those after `latest` (seconds since the epoch) become it. The tars of
 * layers have whole seconds in their headers, and no records of times beside them.
 */
export function* clampTimes(tar: Iterable<Uint8Array>, latest: number): Generator<Uint8Array, void> {
  let header = Buffer.alloc(0)
  let content = 0
  for (const piece of tar) {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    while (rest.length > 0) {
      if (content > 0) {
        const part = rest.subarray(0, content)
        yield part
        content -= part.length
        rest = rest.subarray(part.length)
        continue
      }
      const missing = BLOCK - header.length
      header = Buffer.concat([header, rest.subarray(0, missing)])
      rest = rest.subarray(missing)
      if (header.length < BLOCK) break
      content = Math.ceil(octal(header, SIZE) / BLOCK) * BLOCK
      if (octal(header, MTIME) > latest) stamp(header, latest)
      yield header
      header = Buffer.alloc(0)
    }
  }
  if (header.length > 0) yield header
}

/** A number of a header, in octal digits or, when it is large, in base 256. */
function octal(header: Buffer, { at, length }: { at: number; length: number }): number {
  if ((header[at] ?? 0) & 0x80) return Number(header.readBigUInt64BE(at + length - 8))
  return Number.parseInt(header.toString('latin1', at, at + length).replace(/[\0 ]+$/, ''), 8) || 0
}

function stamp(header: Buffer, seconds: number): void {
  header.write(`${seconds.toString(8).padStart(MTIME.length - 1, '0')}\0`, MTIME.at, 'latin1')
  header.fill(0x20, CHECKSUM.at, CHECKSUM.at + CHECKSUM.length)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at, 'latin1')
}
