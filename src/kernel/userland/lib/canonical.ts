/** Canonical paths, for realpath and readlink -f. */
import { Errno, isErrno } from '../../../vfs/errno.ts'
import type { Proc } from '../../program.ts'

/** 'linked': the last may be missing if a symbolic link said so. */
export type Missing = 'none' | 'last' | 'any' | 'linked'

/**
 * The path without symbolic links, `.` and `..`. `missing`: 'none' may be missing, the 'last' component may, or
 * 'any'. Throws Errno (ENOENT, ELOOP, ENOTDIR).
 */
export function canonicalPath(p: Proc, path: string, missing: Missing, resolve = true): string {
  if (path === '') throw new Errno('ENOENT')
  const parts = (path.startsWith('/') ? path : `${p.cwd()}/${path}`).split('/').reverse()
  const done: string[] = []
  let links = 0
  let lost = false
  while (parts.length > 0) {
    const part = parts.pop() ?? ''
    if (part === '' || part === '.') continue
    if (part === '..') {
      done.pop()
      continue
    }
    const here = `/${[...done, part].join('/')}`
    done.push(part)
    if (lost || !resolve) continue
    try {
      const stat = p.lstat(here)
      const more = parts.some(one => one !== '' && one !== '.')
      if (stat.type === 'symlink') {
        if (++links > 40) throw new Errno('ELOOP')
        const target = p.readlink(here)
        done.pop()
        if (target.startsWith('/')) done.length = 0
        parts.push(...target.split('/').reverse())
      } else if (stat.type !== 'dir' && more && missing !== 'any') throw new Errno('ENOTDIR')
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
      const last = !parts.some(one => one !== '' && one !== '.')
      if (missing === 'none' || (missing === 'last' && !last) || (missing === 'linked' && (!last || links === 0)))
        throw error
      lost = true
    }
  }
  return `/${done.join('/')}`
}
