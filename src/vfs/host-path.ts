/** Host files in the terms of the modelled kernel: errors as Errno, types, stats. */

import { lstatSync, type Stats } from 'node:fs'
import { codeOf } from '../errors.ts'
import { Errno, type ErrnoCode } from './errno.ts'
import type { FileType, Stat } from './filesystem.ts'

const codes: readonly ErrnoCode[] = [
  'EPERM',
  'ENOENT',
  'EIO',
  'ENXIO',
  'EACCES',
  'EBUSY',
  'EEXIST',
  'EXDEV',
  'ENODEV',
  'ENOTDIR',
  'EISDIR',
  'EINVAL',
  'EMFILE',
  'ETXTBSY',
  'EFBIG',
  'ENOSPC',
  'EROFS',
  'EMLINK',
  'ENAMETOOLONG',
  'ENOSYS',
  'ENOTEMPTY',
  'ELOOP',
  'EDQUOT',
]

/** Runs an operation on host files; its failure becomes the `Errno` of the same name (EIO for what has none). */
export function hostCall<T>(operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    if (error instanceof Errno) throw error
    const code = codeOf(error)
    throw new Errno(codes.find(known => known === code) ?? 'EIO')
  }
}

export function typeOfStats(stats: Stats): FileType {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'dir'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isCharacterDevice()) return 'char'
  if (stats.isBlockDevice()) return 'block'
  return stats.isFIFO() ? 'fifo' : 'socket'
}

/** lstat of a host file; undefined when there is none. */
export function lstatHost(path: string | Buffer): Stats | undefined {
  return hostCall(() => lstatSync(path, { throwIfNoEntry: false }))
}

/** A host file's attributes under the inode number `ino`. */
export function statOfStats(stats: Stats, ino: number): Stat {
  const { uid, gid, size, nlink, mtimeMs, atimeMs, ctimeMs } = stats
  const type = typeOfStats(stats)
  const stat: Stat = {
    ino,
    type,
    mode: stats.mode & 0o7777,
    uid,
    gid,
    size,
    nlink,
    mtime: mtimeMs,
    atime: atimeMs,
    ctime: ctimeMs,
  }
  return type === 'char' || type === 'block' ? { ...stat, rdev: device(stats.rdev) } : stat
}

/** Linux's encoding of a device number (makedev(3)). */
function device(rdev: number): [number, number] {
  return [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)]
}
