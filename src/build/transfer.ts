/**
 * How many bytes BuildKit's client sends for files (tonistiigi/fsutil): a packet with the facts of each entry in the order
 * of a walk, then the bytes of files in pieces. What is counted is the protobuf encoding, which is why an empty transfer
 * is 2 bytes.
 */
import { posix } from 'node:path'
import type { Stat } from '../vfs/filesystem.ts'
import { nameBytes } from '../vfs/name-codec.ts'
import type { RootFs } from '../vfs/rootfs.ts'

/** Bytes of one packet of data. */
const PIECE = 32 * 1024
const END = 2
/** Go's bits for a directory and a symlink in a file mode. */
const goTypeBits: Readonly<Partial<Record<Stat['type'], number>>> = { dir: 2 ** 31, symlink: 2 ** 27, fifo: 2 ** 25 }

const varint = (value: number): number => {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}
const numberField = (value: number): number => (value === 0 ? 0 : 1 + varint(value))
const bytesField = (length: number): number => (length === 0 ? 0 : 1 + varint(length) + length)

/** The packet that tells of one entry. */
function statPacket(path: string, mode: number, size: number, mtime: number, target: number): number {
  const time = mtime === 0 ? 0 : 1 + varint(mtime * 1_000_000)
  return bytesField(bytesField(nameBytes(path)) + numberField(mode) + numberField(size) + time + bytesField(target))
}

/** The packets of a file's bytes; `id` is its place in the walk. */
function dataPackets(id: number, size: number): number {
  const head = 2 + numberField(id)
  let bytes = head
  for (let at = 0; at < size; at += PIECE) bytes += head + bytesField(Math.min(PIECE, size - at))
  return bytes
}

/** What regular files by themselves take: a Dockerfile and its `.dockerignore`. */
export function filesTransfer(files: readonly { name: string; size: number }[]): number {
  return files.reduce(
    (sum, { name, size }, id) => sum + statPacket(name, 0o644, size, 1.7e12, 0) + dataPackets(id, size),
    END,
  )
}

/**
 * What the entries at `paths` take, with what is in them and the folders that lead there: bytes that go over the line, and
 * bytes of the files alone.
 */
export function contextTransfer(files: RootFs, paths: readonly string[]): { sent: number; content: number } {
  const wanted = paths.map(path => posix.join('/', path).replace(/(.)\/$/, '$1'))
  let bytes = END
  let content = 0
  let id = 0
  const linked = new Map<number, string>()
  const visit = (folder: string, all: boolean): void => {
    for (const { name } of files.readdir(folder)) {
      const path = posix.join(folder, name)
      const inside = all || wanted.includes(path)
      if (!inside && !wanted.some(below => below.startsWith(`${path}/`))) continue
      const stat = files.lstat(path)
      const mode = stat.mode + (goTypeBits[stat.type] ?? 0)
      const first = stat.type === 'file' && stat.nlink > 1 ? linked.get(stat.ino) : undefined
      if (stat.type === 'file' && stat.nlink > 1 && first === undefined) linked.set(stat.ino, path)
      const target = stat.type === 'symlink' ? stat.size : first === undefined ? 0 : nameBytes(first.slice(1))
      bytes += statPacket(path.slice(1), mode, stat.type === 'dir' ? 0 : stat.size, stat.mtime, target)
      if (stat.type === 'file' && first === undefined) {
        bytes += dataPackets(id, stat.size)
        content += stat.size
      }
      id++
      if (stat.type === 'dir') visit(path, inside)
    }
  }
  visit('/', wanted.includes('/'))
  return { sent: bytes, content }
}

/** Bytes as BuildKit's progress shows them. */
export function transferred(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return unit === 0 ? `${bytes}B` : `${value.toFixed(2)}${units[unit]}`
}
