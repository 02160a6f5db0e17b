/** Files of a container, read and written as a whole by program models. */
import type { Proc } from '../kernel/program.ts'
import { isErrno } from '../vfs/errno.ts'

const piece = 1 << 20

/** All of a regular file. Throws Errno; EFBIG beyond `most` bytes. */
export function readFileNow(p: Proc, path: string, most = 64 << 20): Uint8Array {
  const fd = p.open(path, { read: true })
  try {
    const parts: Uint8Array[] = []
    let size = 0
    for (;;) {
      const part = p.readNow(fd, piece)
      if (part.length === 0) return parts.length === 1 ? (parts[0] ?? part) : Buffer.concat(parts)
      parts.push(part.slice())
      if ((size += part.length) > most) return Buffer.concat(parts).subarray(0, most)
    }
  } finally {
    p.close(fd)
  }
}

/** A small text file as a byte string; undefined when it cannot be read. */
export function textNow(p: Proc, path: string): string | undefined {
  try {
    return Buffer.from(readFileNow(p, path, piece)).toString('latin1')
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** Writes a whole file, made new. Throws Errno. */
export function writeFileNow(p: Proc, path: string, data: Uint8Array | string, mode = 0o644): void {
  const fd = p.open(path, { write: true, create: true, truncate: true }, mode)
  try {
    p.writeNow(fd, typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  } finally {
    p.close(fd)
  }
}
