/** Removing a tree without a word. */
import type { Proc } from '../../program.ts'
import { joinPath } from './walk.ts'

/** Removes a file, or a directory and all in it. Throws the first Errno. */
export function removeTree(p: Proc, path: string): void {
  if (p.lstat(path).type !== 'dir') {
    p.unlink(path)
    return
  }
  for (const entry of p.readdir(path)) removeTree(p, joinPath(path, entry.name))
  p.rmdir(path)
}
