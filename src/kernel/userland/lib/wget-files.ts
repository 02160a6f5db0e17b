/** Files that downloads end in. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc } from '../../program.ts'

/** Whether something is there under a name. */
export function exists(p: Proc, path: string): boolean {
  return sizeOf(p, path, -1) >= 0
}

/** Size of a file, or `none` when it is not there. */
export function sizeOf(p: Proc, path: string, none = 0): number {
  try {
    return p.stat(path).size
  } catch (error) {
    if (isErrno(error)) return none
    throw error
  }
}

/** Makes a directory and those above it. */
export function makeDirectory(p: Proc, path: string): void {
  const parts = path.split('/')
  for (let i = 1; i <= parts.length; i++) {
    const dir = parts.slice(0, i).join('/')
    if (dir === '') continue
    try {
      p.mkdir(dir, 0o777)
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
    }
  }
}
