/**
 * The stream file of a process: what it wrote, frame by frame, byte for byte, with times. `docker logs` and
 * `attach` both read it; the lines and partial lines of the json-file driver are made when they are read.
 *
 * A frame is a header (stream: 1 byte, 3 bytes of zeros, length: 4 bytes, time: 8 bytes as a double in ms), the
 * data, and the whole frame's length (4 bytes) again, so that the end can be found without reading the beginning.
 */
import { closeSync, openSync, readSync } from 'node:fs'

export interface StreamFrame {
  stream: 'stdout' | 'stderr'
  data: Uint8Array
  time: number
}

const headerSize = 16
const trailerSize = 4
const readSize = 256 * 1024

export function encodeFrame(frame: StreamFrame): Uint8Array {
  const out = Buffer.allocUnsafe(headerSize + frame.data.length + trailerSize)
  out.writeUInt32BE(frame.stream === 'stdout' ? 0x01000000 : 0x02000000, 0)
  out.writeUInt32BE(frame.data.length, 4)
  out.writeDoubleBE(frame.time, 8)
  out.set(frame.data, headerSize)
  out.writeUInt32BE(out.length, headerSize + frame.data.length)
  return out
}

/** Frames of a file between two committed offsets, in order; a bounded piece of the file is in memory at a time. */
export function* readFrames(file: string, from: number, to: number): Generator<StreamFrame> {
  if (to <= from) return
  const fd = openSync(file, 'r')
  try {
    let buffer: Buffer = Buffer.alloc(0)
    let at = from
    while (at < to || buffer.length > 0) {
      const need = frameSize(buffer)
      if (need === undefined || buffer.length < need) {
        const piece = Buffer.allocUnsafe(Math.min(Math.max(readSize, need ?? 0), to - at))
        const read = piece.length === 0 ? 0 : readSync(fd, piece, 0, piece.length, at)
        if (read === 0) return
        at += read
        buffer = buffer.length === 0 ? piece.subarray(0, read) : Buffer.concat([buffer, piece.subarray(0, read)])
        continue
      }
      yield decode(buffer)
      buffer = buffer.subarray(need)
    }
  } finally {
    closeSync(fd)
  }
}

/** Frames from the end of a file backwards. */
export function* readFramesBackwards(file: string, to: number): Generator<StreamFrame> {
  if (to <= 0) return
  const fd = openSync(file, 'r')
  try {
    const trailer = Buffer.alloc(trailerSize)
    let end = to
    while (end > 0) {
      if (readSync(fd, trailer, 0, trailerSize, end - trailerSize) < trailerSize) return
      const size = trailer.readUInt32BE(0)
      if (size < headerSize + trailerSize || size > end) return
      const frame = Buffer.allocUnsafe(size)
      readSync(fd, frame, 0, size, end - size)
      yield decode(frame)
      end -= size
    }
  } finally {
    closeSync(fd)
  }
}

function frameSize(buffer: Buffer): number | undefined {
  return buffer.length < headerSize ? undefined : headerSize + buffer.readUInt32BE(4) + trailerSize
}

function decode(buffer: Buffer): StreamFrame {
  const length = buffer.readUInt32BE(4)
  return {
    stream: buffer[0] === 1 ? 'stdout' : 'stderr',
    time: buffer.readDoubleBE(8),
    data: buffer.subarray(headerSize, headerSize + length),
  }
}
