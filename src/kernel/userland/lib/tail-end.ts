/** Printing the end of a file: seeking back where it can, holding no more than is printed where it cannot. */
import { Errno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { readBytes, readChunk } from './input.ts'
import type { Out } from './out.ts'

/** What the simulator itself can hold. */
const mostHeld = 64 * 1024 * 1024

/** Memory is claimed from the kernel in steps of this many bytes. */
const claimStep = 4 * 1024 * 1024

export interface End {
  unit: 'lines' | 'bytes'
  count: number
  /** `+N`: from the Nth on. */
  fromStart: boolean
  delimiter: string
}

/** Prints the end of what `fd` has; leaves the descriptor at the end of the file. */
export function* printEnd({ p, out }: { p: Proc; out: Out }, fd: number, end: End): Routine<void> {
  if (end.fromStart) return yield* printFrom(out, fd, end)
  if (p.fstat(fd).type === 'file') yield* seekEnd(p, fd, end)
  if (p.fstat(fd).type === 'file' || end.count === 0) {
    for (let data = yield* readBytes(fd); data.length > 0; data = yield* readBytes(fd)) {
      if (end.count > 0) yield* out.bytes(data)
    }
    return
  }
  let held = ''
  let claimed = 0
  // Cut only when it has grown by half, so that the work stays in proportion to the input.
  let limit = 262_144
  for (let part = yield* readChunk(fd); part !== ''; part = yield* readChunk(fd)) {
    held += part
    if (held.length <= limit) continue
    held = lastOf(held, end)
    if (held.length > mostHeld) throw new Errno('ENOMEM')
    limit = Math.max(262_144, held.length * 1.5)
    if (limit - claimed < claimStep) continue
    p.memory(limit - claimed)
    claimed = limit
  }
  yield* out.write(lastOf(held, end))
}

function* printFrom(out: Out, fd: number, end: End): Routine<void> {
  let skip = Math.max(0, end.count - 1)
  for (let part = yield* readChunk(fd); part !== ''; part = yield* readChunk(fd)) {
    let at = 0
    if (end.unit === 'bytes') {
      at = Math.min(skip, part.length)
      skip -= at
    } else {
      while (skip > 0 && at < part.length) {
        const next = part.indexOf(end.delimiter, at)
        at = next === -1 ? part.length : next + 1
        if (next !== -1) skip--
      }
    }
    yield* out.write(part.slice(at))
  }
}

/** Moves a regular file's offset to where its end to be printed begins. */
function* seekEnd(p: Proc, fd: number, end: End): Routine<void> {
  const size = p.fstat(fd).size
  if (end.unit === 'bytes') {
    p.seek(fd, Math.max(0, size - end.count), 'set')
    return
  }
  const code = end.delimiter.charCodeAt(0)
  let found = 0
  for (let top = size; top > 0; ) {
    const start = Math.max(0, top - 16_384)
    p.seek(fd, start, 'set')
    const data = yield* readBytes(fd, top - start)
    for (let at = data.length - 1; at >= 0; at--) {
      // The delimiter that ends the file ends its last line.
      if (data[at] !== code || start + at === size - 1) continue
      if (++found === end.count) {
        p.seek(fd, start + at + 1, 'set')
        return
      }
    }
    top = start
  }
  p.seek(fd, 0, 'set')
}

function lastOf(text: string, end: End): string {
  if (end.unit === 'bytes') return text.slice(Math.max(0, text.length - end.count))
  let at = text.length - (text.endsWith(end.delimiter) ? 1 : 0)
  for (let n = 0; n < end.count; n++) {
    at = text.lastIndexOf(end.delimiter, at - 1)
    if (at < 0) return text
    if (at === 0) return n + 1 === end.count ? text.slice(1) : text
  }
  return text.slice(at + 1)
}
