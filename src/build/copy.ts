/** COPY and ADD from one tree of files into another (buildkit solver/llbsolver/file, tonistiigi/fsutil/copy). */
import { createHash, type Hash } from 'node:crypto'
import { posix } from 'node:path'
import { Errno, isErrno } from '../vfs/errno.ts'
import type { Stat } from '../vfs/filesystem.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import { BuildError } from './errors.ts'
import { IgnoreMatcher } from './ignore.ts'

export interface CopyOptions {
  owner: { uid: number; gid: number } | undefined
  /** Permission bits for everything that is copied, by what it had. */
  mode: ((mode: number, isDir: boolean) => number) | undefined
  excludes: readonly string[]
  /** Permission bits of the folders that a target's path lacks. */
  folderMode: number
  /** --parents: the source's folders are made below the target. */
  parents: boolean
  /** A path of the target as errors show it. */
  shown(path: string): string
  /** ms since the epoch, for folders that are made on the way. */
  now: number
}

const PIECE = 1 << 20
/** Files up to this size are copied at once. */
const SMALL = 16 << 10

/** A path from the root, with a final slash kept. */
export function cleanPath(path: string): string {
  const clean = posix.join('/', path)
  if (path.endsWith('/.')) return clean === '/' ? '/.' : `${clean.replace(/\/$/, '')}/.`
  return path.endsWith('/') && clean !== '/' && !clean.endsWith('/') ? `${clean}/` : clean
}

/** The paths that a source with `*`, `?` and `[...]` stands for, sorted; the path itself when it has none of them. */
export function resolveWildcards(source: RootFs, pattern: string): string[] {
  const parts = pattern.split('/').filter(part => part !== '')
  // What stands before the first of them is taken by its letters, backslashes too (buildkit solver/llbsolver/file).
  const first = parts.findIndex(hasWildcard)
  if (first < 0) return [pattern]
  let found = [posix.join('/', ...parts.slice(0, first))]
  for (const part of parts.slice(first)) {
    const matcher = partMatcher(part, pattern)
    found = found.flatMap(folder => {
      if (matcher === undefined) {
        const path = posix.join(folder, part)
        return source.exists(path) ? [path] : []
      }
      try {
        return source
          .readdir(folder)
          .map(({ name }) => name)
          .filter(name => matcher.test(name))
          .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
          .map(name => posix.join(folder, name))
      } catch (error) {
        if (isErrno(error)) return []
        throw error
      }
    })
  }
  return found.filter(path => path !== '/')
}

/** Whether one stands there that no backslash takes its meaning. */
const hasWildcard = (part: string): boolean => /^(?:[^\\*?[]|\\.)*[*?[]/s.test(part)

/** Go's filepath.Match for one name; undefined for a name without wildcards. */
function partMatcher(part: string, pattern: string): RegExp | undefined {
  if (!/[*?[\\]/.test(part)) return undefined
  let out = ''
  for (let at = 0; at < part.length; at++) {
    const char = part[at] ?? ''
    if (char === '*') out += '.*'
    else if (char === '?') out += '.'
    else if (char === '[') {
      const end = part.indexOf(']', at + 2)
      if (end < 0) {
        // As the client that sends the context says it.
        const given = pattern.replace(/^\//, '')
        throw new BuildError(
          `rpc error: code = Unknown desc = invalid includepatterns: [${given}]: syntax error in pattern`,
        )
      }
      out += part.slice(at, end + 1)
      at = end
    } else out += (char === '\\' ? (part[++at] ?? '') : char).replace(/[.+(){}|^$*?[\]\\]/, '\\$&')
  }
  return new RegExp(`^(?:${out})$`, 's')
}

/**
 * Copies one source into the tree. A folder's contents go into the target; a file goes into a target that is a folder
 * or ends with a slash, else it becomes the target. Throws BuildError.
 */
export function copyPath(source: RootFs, from: string, dest: RootFs, to: string, options: CopyOptions): void {
  const real = source.realpath(from)
  const stat = source.stat(real)
  const isDir = stat.type === 'dir'
  let target = to
  if (options.parents) target = posix.join(to, isDir ? real : posix.dirname(real), '/')
  const asFolder = target.endsWith('/') || target.endsWith('/.')
  const path = followed(dest, target.replace(/\/\.?$/, '') || '/')
  makeFolders(dest, asFolder ? path : posix.dirname(path), options, options.folderMode)
  const there = statOf(dest, path)
  if (!isDir) {
    const into = asFolder || there?.type === 'dir'
    const name = into ? posix.join(path, posix.basename(from)) : path
    // Patterns are for what is in a folder, not for a source itself.
    new Copier(source, dest, { ...options, excludes: [] }, posix.dirname(real)).file(real, name, stat)
    return
  }
  if (there && there.type !== 'dir') throw new BuildError(`cannot copy to non-directory: ${options.shown(path)}`)
  makeFolders(dest, path, options, options.folderMode)
  new Copier(source, dest, options, real).folder(real, path, stat, true)
}

/** As many symlinks as a path may lead through (containerd continuity fs.RootPath). */
const maxLinks = 255

/** Where a path of the target really lies, there or not: symlinks on the way are followed within the tree. */
function followed(dest: RootFs, path: string, links = 0): string {
  try {
    return dest.realpath(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (path === '/') return path
    const place = posix.join(followed(dest, posix.dirname(path), links), posix.basename(path))
    if (links > maxLinks) throw new BuildError('too many links')
    return linkAt(dest, place, target => followed(dest, posix.resolve(posix.dirname(place), target), links + 1))
  }
}

/** What `follow` makes of a symlink's target; the path itself where there is no symlink. */
function linkAt(dest: RootFs, path: string, follow: (target: string) => string): string {
  let target: string
  try {
    target = dest.readlink(path)
  } catch (error) {
    if (isErrno(error)) return path
    throw error
  }
  return follow(target)
}

function statOf(root: RootFs, path: string): Stat | undefined {
  try {
    return root.stat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** Makes the folders of a path that are missing, the owner's. */
export function makeFolders(
  dest: RootFs,
  path: string,
  options: Pick<CopyOptions, 'owner' | 'now'>,
  mode = 0o755,
): void {
  if (path === '/' || path === '.') return
  const there = statOf(dest, path)
  if (there?.type === 'dir') return
  if (there) throw new BuildError(`mkdir ${path}: not a directory`)
  makeFolders(dest, posix.dirname(path), options, mode)
  dest.mkdir(path, mode)
  dest.setattr(path, { ...options.owner, mode, mtime: options.now, atime: options.now })
}

/** WORKDIR: the folder with all that lead there. Throws BuildError. */
export function makeWorkdir(
  dest: RootFs,
  path: string,
  options: Pick<CopyOptions, 'owner' | 'now'>,
  mode?: number,
): void {
  const real = followed(dest, path)
  for (let above = posix.dirname(real); above !== '/'; above = posix.dirname(above)) {
    const type = statOf(dest, above)?.type
    if (type !== undefined && type !== 'dir') throw new BuildError(`lstat ${path}: not a directory`)
  }
  makeFolders(dest, real, options, mode)
}

class Copier {
  readonly #source: RootFs
  readonly #dest: RootFs
  readonly #options: CopyOptions
  readonly #excludes: IgnoreMatcher
  /** What excludes are relative to. */
  readonly #base: string
  /** Copies of files with several names, by inode. */
  readonly #links = new Map<string, string>()

  constructor(source: RootFs, dest: RootFs, options: CopyOptions, base: string) {
    this.#source = source
    this.#dest = dest
    this.#options = options
    this.#excludes = new IgnoreMatcher(options.excludes)
    this.#base = base
  }

  #excluded(path: string): boolean {
    return this.#options.excludes.length > 0 && this.#excludes.ignores(posix.relative(this.#base, path))
  }

  folder(from: string, to: string, stat: Stat, keep: boolean): void {
    const there = this.#find(to)
    if (there && there.type !== 'dir') throw new BuildError(`cannot copy to non-directory: ${this.#options.shown(to)}`)
    if (there?.type !== 'dir') this.#dest.mkdir(to, stat.mode)
    for (const { name } of this.#source.readdir(from)) {
      const path = posix.join(from, name)
      const child = this.#source.lstat(path)
      const target = posix.join(to, name)
      const excluded = this.#excluded(path)
      if (child.type === 'dir') {
        if (excluded && !this.#excludes.mayHoldExceptions(posix.relative(this.#base, path))) continue
        this.folder(path, target, child, false)
      } else if (!excluded) this.file(path, target, child)
    }
    if (!keep) this.#attributes(to, stat)
  }

  file(from: string, to: string, stat: Stat): void {
    if (this.#excluded(from)) return
    const there = this.#find(to)
    if (there?.type === 'dir') throw new BuildError(`cannot replace to directory ${this.#options.shown(to)} with file`)
    if (there) this.#dest.unlink(to)
    if (stat.type === 'symlink') this.#dest.symlink(this.#source.readlink(from), to)
    else if (stat.type === 'file') this.#content(from, to, stat)
    else if (stat.type !== 'socket') this.#dest.mknod(to, stat.type, stat.mode, stat.rdev)
    else return
    this.#attributes(to, stat)
  }

  #content(from: string, to: string, stat: Stat): void {
    const place = this.#source.walk(from, { follow: false })
    const key = `${place.mount.id}:${stat.ino}`
    const first = stat.nlink > 1 ? this.#links.get(key) : undefined
    if (first !== undefined) {
      this.#dest.link(first, to)
      return
    }
    if (stat.nlink > 1) this.#links.set(key, to)
    const target = this.#dest.open(to, { write: true, create: true, truncate: true }, stat.mode)
    if (target.mount.fs.fill && stat.size > SMALL) {
      target.mount.fs.fill(target.ino, stat.size, (at, length) => place.mount.fs.read(place.ino, at, length))
      return
    }
    for (let at = 0; at < stat.size; at += PIECE) {
      const piece = place.mount.fs.read(place.ino, at, Math.min(PIECE, stat.size - at))
      if (piece.length === 0) break
      target.mount.fs.write(target.ino, at, piece, this.#options.now)
    }
  }

  #attributes(to: string, stat: Stat): void {
    const { owner, mode } = this.#options
    const isLink = stat.type === 'symlink'
    this.#dest.setattr(
      to,
      {
        uid: owner?.uid ?? stat.uid,
        gid: owner?.gid ?? stat.gid,
        ...(!isLink && { mode: mode ? mode(stat.mode, stat.type === 'dir') : stat.mode }),
        mtime: stat.mtime,
        atime: stat.mtime,
      },
      { follow: false },
    )
  }

  #find(path: string): Stat | undefined {
    try {
      return this.#dest.lstat(path)
    } catch (error) {
      if (error instanceof Errno) return undefined
      throw error
    }
  }
}

/**
 * The digest of what a copy reads (buildkit cache/contenthash): paths, kinds, modes, owners, link targets and bytes, but no
 * times. Throws Errno for a path that is not there.
 */
export function contentDigest(source: RootFs, from: string, excludes: readonly string[] = []): string {
  const hash = createHash('sha256')
  const real = source.realpath(from)
  addContent(hash, source, real, '', new IgnoreMatcher(excludes))
  return hash.digest('hex')
}

function addContent(hash: Hash, source: RootFs, path: string, name: string, excludes: IgnoreMatcher): void {
  const place = source.walk(path, { follow: false })
  const { fs } = place.mount
  const stat = fs.stat(place.ino)
  const target = stat.type === 'symlink' ? fs.readlink(place.ino) : ''
  hash.update(`${name}\0${stat.type}\0${stat.mode}\0${stat.uid}:${stat.gid}\0${target}\0${stat.rdev?.join() ?? ''}\0`)
  if (stat.type === 'file') {
    hash.update(`${stat.size}\0`)
    for (let at = 0; at < stat.size; at += PIECE) hash.update(fs.read(place.ino, at, Math.min(PIECE, stat.size - at)))
  }
  if (stat.type !== 'dir') return
  const names = fs.readdir(place.ino).map(entry => entry.name)
  for (const child of names.sort((a, b) => (a < b ? -1 : 1))) {
    const below = name === '' ? child : `${name}/${child}`
    if (excludes.ignores(below) && !excludes.mayHoldExceptions(below)) continue
    addContent(hash, source, posix.join(path, child), below, excludes)
  }
}
