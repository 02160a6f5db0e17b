/** Whether a path leads anywhere. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc } from '../../program.ts'

/** Whether there is anything at a path, be it a broken link. */
export function exists(p: Proc, path: string): boolean {
  try {
    p.lstat(path)
    return true
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}
