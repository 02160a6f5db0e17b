/** Permission checks as the Linux kernel makes them (path_resolution(7), capabilities(7)). */
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, type Cred, hasCap } from './cred.ts'
import { Errno } from './errno.ts'
import type { Stat } from './filesystem.ts'

export const READ = 4
export const WRITE = 2
export const EXECUTE = 1

export function inGroup(cred: Cred, gid: number): boolean {
  return cred.gid === gid || cred.groups.includes(gid)
}

/** Whether `cred` has all of `want` (READ, WRITE, EXECUTE added up) on a node. */
export function permits(stat: Stat, cred: Cred, want: number): boolean {
  const shift = stat.uid === cred.uid ? 6 : inGroup(cred, stat.gid) ? 3 : 0
  if (((stat.mode >> shift) & want) === want) return true
  const isDir = stat.type === 'dir'
  if (hasCap(cred, CAP_DAC_OVERRIDE)) return isDir || (want & EXECUTE) === 0 || (stat.mode & 0o111) !== 0
  return (want & WRITE) === 0 && (isDir || (want & EXECUTE) === 0) && hasCap(cred, CAP_DAC_READ_SEARCH)
}

/** Throws EACCES unless `cred` has `want`. */
export function demand(stat: Stat, cred: Cred, want: number): void {
  if (!permits(stat, cred, want)) throw new Errno('EACCES')
}

/** Whether `cred` owns a node or may act as if. */
export function owns(stat: Stat, cred: Cred): boolean {
  return stat.uid === cred.uid || hasCap(cred, CAP_FOWNER)
}

/** Throws EACCES or EPERM unless `cred` may remove (or rename) `child` in `dir`: write permission and the sticky bit. */
export function demandRemoval(dir: Stat, child: Stat, cred: Cred): void {
  demand(dir, cred, WRITE | EXECUTE)
  if ((dir.mode & 0o1000) !== 0 && child.uid !== cred.uid && !owns(dir, cred)) throw new Errno('EPERM')
}
