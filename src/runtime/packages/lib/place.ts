/** Putting a package's files into a container: texts, placeholders of a real size, links, folders. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { toBytes } from '../../../kernel/userland/lib/bytes.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { removeTree } from '../../../kernel/userland/lib/remove.ts'
import { isErrno } from '../../../vfs/errno.ts'

/** What is put at a path. `text` is a byte string; a file that is `size` bytes long ends in zeros. */
export type Content = { text: string; size?: number; mode?: number } | { link: string }

/** Makes a folder and those above it. Throws the Errno of one that cannot be made. */
export function makeFolders(p: Proc, path: string, mode = 0o755): void {
  if (path === '' || path === '/' || path === '.' || exists(p, path)) return
  makeFolders(p, folderOf(path), mode)
  try {
    p.mkdir(path, mode)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

/** Writes a file or a link in the place of whatever was there, its folders made as needed. */
export function* put(p: Proc, path: string, content: Content): Routine<void> {
  makeFolders(p, folderOf(path))
  if ('link' in content) {
    if (exists(p, path)) p.unlink(path)
    p.symlink(content.link, path)
    return
  }
  const { text, size = text.length, mode = 0o644 } = content
  if (isLink(p, path)) p.unlink(path)
  const fd = p.open(path, { write: true, create: true, truncate: true }, mode)
  try {
    if (text !== '') yield { op: 'write', fd, data: toBytes(text) }
    if (size > text.length) p.ftruncate(fd, size)
  } finally {
    p.close(fd)
  }
  if (p.stat(path).mode !== mode) p.setattr(path, { mode })
}

/** The start of an executable that a model runs: see docs/catalogue.md, "Programs". */
export function programText(name: string, says: Readonly<Record<string, string>>): string {
  const words = Object.entries(says).map(([key, value]) => `${key}=${value}`)
  return `\x7fELFminidock-program: ${[name, ...words].join(' ')}\n`
}

/** The start of a large file of data that stands for the real one. */
export function dataText(name: string): string {
  return `\x7fELFminidock-data: ${name}\n`
}

/** Takes a file or a tree away, without a word when it is not there; with `folders` also those above that are empty then. */
export function take(p: Proc, path: string, options: { folders?: boolean } = {}): void {
  try {
    removeTree(p, path)
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTDIR')) throw error
  }
  if (!options.folders) return
  for (let dir = folderOf(path); dir.split('/').length > 3; dir = folderOf(dir)) {
    try {
      p.rmdir(dir)
    } catch (error) {
      if (isErrno(error)) return
      throw error
    }
  }
}

/** The folder a path is in: `/` for what is directly below it, `.` for a bare name. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '.' : path.slice(0, slash) || '/'
}

function isLink(p: Proc, path: string): boolean {
  try {
    return p.lstat(path).type === 'symlink'
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}
