/** ZIP archives (APPNOTE 6.3): the central directory, and the records that zip writes. */
import type { Proc, Routine } from '../../program.ts'
import { Failure } from './failure.ts'
import { readBytes } from './input.ts'

export interface ZipMember {
  readonly name: string
  /** 0: stored, 8: deflated. */
  readonly method: number
  readonly crc: number
  readonly compressed: number
  readonly size: number
  /** ms since the epoch; ZIP knows no zones and two-second steps. */
  readonly mtime: number
  /** UNIX permission bits; 0 when the archive has none. */
  readonly mode: number
  /** Where the member's own header is. */
  readonly offset: number
}

/** Most members, and most bytes of the directory, that are looked at. */
const memberLimit = 65_535
const directoryLimit = 64 * 1024 * 1024

/** Reads the directory at the end of an archive. Fails when there is none. */
export function* readDirectory(p: Proc, fd: number): Routine<ZipMember[]> {
  const size = p.seek(fd, 0, 'end')
  const tailAt = Math.max(0, size - 65_557)
  const tail = Buffer.from(yield* exactly(p, fd, tailAt, size - tailAt))
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  if (end === -1 || end + 22 > tail.length) throw new Failure('invalid zip magic')
  const count = Math.min(tail.readUInt16LE(end + 10), memberLimit)
  const length = tail.readUInt32LE(end + 12)
  const at = tail.readUInt32LE(end + 16)
  if (length > directoryLimit || at + length > size) throw new Failure('invalid zip magic')
  const directory = Buffer.from(yield* exactly(p, fd, at, length))
  const members: ZipMember[] = []
  for (let i = 0, pos = 0; i < count && pos + 46 <= directory.length; i++) {
    if (directory.readUInt32LE(pos) !== 0x02014b50) throw new Failure('invalid zip magic')
    const nameLength = directory.readUInt16LE(pos + 28)
    const extra = directory.readUInt16LE(pos + 30)
    const comment = directory.readUInt16LE(pos + 32)
    members.push({
      method: directory.readUInt16LE(pos + 10),
      mtime: fromDos(directory.readUInt16LE(pos + 14), directory.readUInt16LE(pos + 12)),
      crc: directory.readUInt32LE(pos + 16),
      compressed: directory.readUInt32LE(pos + 20),
      size: directory.readUInt32LE(pos + 24),
      mode: directory.readUInt8(pos + 5) === 3 ? directory.readUInt16LE(pos + 40) & 0o7777 : 0,
      offset: directory.readUInt32LE(pos + 42),
      name: directory.toString('latin1', pos + 46, pos + 46 + nameLength),
    })
    pos += 46 + nameLength + extra + comment
  }
  return members
}

/** The header in front of a member's bytes. */
export function localHeader(member: ZipMember): Uint8Array {
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  common(head, member, 4)
  head.writeUInt16LE(member.name.length, 26)
  return Buffer.concat([head, Buffer.from(member.name, 'latin1')])
}

/** The directory and the record that ends the archive. */
export function directoryOf(members: readonly ZipMember[], at: number): Uint8Array {
  const entries = members.map(member => {
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(0x031e, 4)
    common(entry, member, 6)
    entry.writeUInt16LE(member.name.length, 28)
    const type = member.name.endsWith('/') ? 0o040000 : 0o100000
    entry.writeUInt32LE((((type | member.mode) << 16) | (member.name.endsWith('/') ? 0x10 : 0)) >>> 0, 38)
    entry.writeUInt32LE(member.offset, 42)
    return Buffer.concat([entry, Buffer.from(member.name, 'latin1')])
  })
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([directory, end])
}

function common(head: Buffer, member: ZipMember, at: number): void {
  const [date, time] = toDos(member.mtime)
  head.writeUInt16LE(member.method === 8 ? 20 : 10, at)
  head.writeUInt16LE(member.method, at + 4)
  head.writeUInt16LE(time, at + 6)
  head.writeUInt16LE(date, at + 8)
  head.writeUInt32LE(member.crc, at + 10)
  head.writeUInt32LE(member.compressed, at + 14)
  head.writeUInt32LE(member.size, at + 18)
}

function fromDos(date: number, time: number): number {
  return Date.UTC(1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2)
}

function toDos(ms: number): [date: number, time: number] {
  const d = new Date(Math.max(ms, Date.UTC(1980, 0, 1)))
  const date = ((d.getUTCFullYear() - 1980) << 9) | ((d.getUTCMonth() + 1) << 5) | d.getUTCDate()
  return [date & 0xffff, (d.getUTCHours() << 11) | (d.getUTCMinutes() << 5) | (d.getUTCSeconds() >> 1)]
}

function* exactly(p: Proc, fd: number, at: number, length: number): Routine<Uint8Array> {
  p.seek(fd, at, 'set')
  const parts: Uint8Array[] = []
  for (let left = length; left > 0; ) {
    const data = yield* readBytes(fd, Math.min(left, 65_536))
    if (data.length === 0) throw new Failure('short read')
    parts.push(data)
    left -= data.length
  }
  return Buffer.concat(parts)
}
