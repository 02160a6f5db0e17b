/** `volume-subpath` and `image-subpath`: a place inside a mounted tree (moby internal/safepath). */
import { invalid } from '../../errors.ts'
import type { FileSystem } from '../../vfs/filesystem.ts'

/** How many symbolic links are followed. */
const mostLinks = 255

/**
 * The inode of a path below a file system's root. Links inside are followed; one that leads out is an error, and so is
 * a path that is not there. `base` is the tree's path on the simulated host, for the messages.
 */
export function inodeBelow(fs: FileSystem, base: string, subpath: string): number {
  const missing = (): Error =>
    invalid(`cannot access path ${base}/${subpath}: lstat ${base}/${subpath}: no such file or directory`)
  const escapes = (): Error =>
    invalid(`path concatenation escapes the base directory, base: ${base}, subpath: ${subpath}`)
  const way: number[] = [fs.root]
  const parts = subpath.split('/')
  for (let links = 0; parts.length > 0; ) {
    const name = parts.shift() ?? ''
    if (name === '' || name === '.') continue
    if (name === '..') {
      way.pop()
      if (way.length === 0) throw escapes()
      continue
    }
    const dir = way.at(-1) ?? fs.root
    const ino = fs.stat(dir).type === 'dir' ? fs.lookup(dir, name) : undefined
    if (ino === undefined) throw missing()
    if (fs.stat(ino).type !== 'symlink') {
      way.push(ino)
      continue
    }
    const target = fs.readlink(ino)
    if (target.startsWith('/')) throw escapes()
    if (++links > mostLinks) throw missing()
    parts.unshift(...target.split('/'))
  }
  return way.at(-1) ?? fs.root
}
