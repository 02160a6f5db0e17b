/** Takes a submission over into a folder of its own: files and folders, nothing that leads elsewhere. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../errors.ts'

/** What a submission may hold. */
const most = { files: 5000, bytes: 64 << 20, depth: 32 }

/**
 * Copies `from` to `to`, which is made. Links, devices, sockets and `.git` are left out; every file gets the time `at`
 * (ms), so that what is built from it does not depend on when it was handed in. Resolves to what was left out, and why.
 */
export function takeSubmission(from: string, to: string, at: number): string[] {
  const notes: string[] = []
  let files = 0
  let bytes = 0
  const folder = (path: string, depth: number): void => {
    mkdirSync(join(to, path), { recursive: true, mode: 0o755 })
    for (const name of readdirSync(join(from, path)).sort()) {
      if (name === '.git') continue
      const inner = join(path, name)
      const stat = lstatSync(join(from, inner))
      if (++files > most.files) return void notes.push(`it holds more than ${most.files} files: the rest was left out`)
      if (stat.isDirectory()) {
        if (depth < most.depth) folder(inner, depth + 1)
        else notes.push(`${inner} is left out: its folders are more than ${most.depth} deep`)
      } else if (stat.isFile()) file(inner, stat.mode)
      else notes.push(`${inner} is left out: it is ${stat.isSymbolicLink() ? 'a symbolic link' : 'no regular file'}`)
    }
    utimesSync(join(to, path), at / 1000, at / 1000)
  }
  const file = (path: string, mode: number): void => {
    const content = readWhole(join(from, path), most.bytes - bytes)
    if (!content) return void notes.push(`${path} is left out: a submission holds at most ${most.bytes >> 20} MiB`)
    bytes += content.length
    writeFileSync(join(to, path), content, { mode: mode & 0o100 ? 0o755 : 0o644 })
    utimesSync(join(to, path), at / 1000, at / 1000)
  }
  folder('', 0)
  return notes
}

/** A regular file's bytes; undefined for one that is larger than `limit`, or has become something else meanwhile. */
function readWhole(path: string, limit: number): Uint8Array | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (['ELOOP', 'ENOENT', 'EACCES'].includes(codeOf(error) ?? '')) return undefined
    throw error
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile() || stat.size > limit) return undefined
    const data = Buffer.alloc(stat.size)
    let filled = 0
    while (filled < data.length) {
      const read = readSync(fd, data, filled, data.length - filled, filled)
      if (read === 0) break
      filled += read
    }
    return data.subarray(0, filled)
  } finally {
    closeSync(fd)
  }
}
