/** Path resolution (path_resolution(7)): symlinks, `..`, mounts and search permission, within a root. */
import type { Cred } from './cred.ts'
import { Errno } from './errno.ts'
import type { Stat } from './filesystem.ts'
import type { Mount, Place } from './mounts.ts'
import { nameBytes } from './name-codec.ts'
import { EXECUTE, permits } from './permission.ts'

const MAX_LINKS = 40
const PATH_MAX = 4096
const NAME_MAX = 255

export interface WalkOptions {
  cred: Cred
  /** Absolute path that relative ones start from. Default: the root. */
  cwd?: string
  /** Absolute path of the root directory (chroot), which `..` and absolute symlinks do not leave. Default: '/'. */
  root?: string
  /** Whether a symlink at the end is followed. Default: true. */
  follow?: boolean
  /** The last name itself is meant, whatever it is, also with a slash after it: for what makes, removes or moves names. */
  asName?: boolean
}

/** Where a path leads: the directory, the last name in it, and what is there, if anything. */
export interface Found {
  readonly parent: Place
  /** '' when the path ends in the root, `.` or `..`: `place` is then a directory that has no name here. */
  readonly name: string
  readonly place: Place | undefined
  /** Whether it was written with a slash at the end: it then must be a directory. */
  readonly slash: boolean
}

interface Walker {
  readonly stack: Place[]
  readonly floor: number
  readonly cred: Cred
  readonly asName: boolean
  links: number
}

/** Resolves `path` up to its last name, which need not exist. Throws ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG. */
export function find(rootMount: Mount, path: string, options: WalkOptions): Found {
  if (path === '') throw new Errno('ENOENT')
  demandShort(path)
  const stack: Place[] = [{ mount: rootMount, ino: rootMount.root, path: '/' }]
  const { root = '/', cwd = root } = options
  if (root !== '/') descend(stack, root)
  const floor = stack.length
  if (!path.startsWith('/') && cwd !== root) {
    stack.length = 1
    descend(stack, cwd)
  }
  const { asName = false, follow = !asName } = options
  return walk({ stack, floor, cred: options.cred, asName, links: 0 }, path, follow)
}

/** Goes down a path that is known to be resolved (a working directory, a root) without any check but existence. */
function descend(stack: Place[], path: string): void {
  for (const name of path.split('/')) {
    if (name === '') continue
    const at = top(stack)
    const next = step(at, name)
    if (!next) throw new Errno('ENOENT')
    stack.push(next)
  }
}

function walk(walker: Walker, path: string, follow: boolean): Found {
  const { stack, floor } = walker
  let start = 0
  if (path.charCodeAt(0) === 47) stack.length = floor
  for (;;) {
    while (path.charCodeAt(start) === 47) start++
    if (start >= path.length) return { parent: top(stack), name: '', place: top(stack), slash: true }
    const end = nextSlash(path, start)
    const name = path.slice(start, end)
    const last = isLast(path, end)
    const parent = top(stack)
    const stat = parent.mount.fs.stat(parent.ino)
    if (stat.type !== 'dir') throw new Errno('ENOTDIR')
    if (!permits(stat, walker.cred, EXECUTE)) throw new Errno('EACCES')
    start = end
    if (name === '.' || name === '..') {
      if (name === '..' && stack.length > floor) stack.pop()
      if (last) return { parent: top(stack), name: '', place: top(stack), slash: true }
      continue
    }
    if (name.length > NAME_MAX / 3 && nameBytes(name) > NAME_MAX) throw new Errno('ENAMETOOLONG')
    const next = step(parent, name)
    const slash = end < path.length
    if (!next) {
      if (last) {
        demandShort(`${parent.path}/${name}`)
        return { parent, name, place: undefined, slash }
      }
      throw new Errno('ENOENT')
    }
    const type = typeOf(next)
    if (type === 'symlink' && (!last || follow || (slash && !walker.asName))) {
      const found = followLink(walker, next, stat)
      if (last) {
        if (slash && found.place && typeOf(found.place) !== 'dir') throw new Errno('ENOTDIR')
        return slash ? { ...found, slash } : found
      }
      if (!found.place) throw new Errno('ENOENT')
      if (found.name !== '') stack.push(found.place)
      continue
    }
    if (last) {
      if (slash && type !== 'dir' && !walker.asName) throw new Errno('ENOTDIR')
      return { parent, name, place: next, slash }
    }
    stack.push(next)
  }
}

/** Walks a symlink's text from its directory. */
function followLink(walker: Walker, link: Place, dir: Stat): Found {
  const { fs } = link.mount
  if (++walker.links > MAX_LINKS) throw new Errno('ELOOP')
  // fs.protected_symlinks: in a sticky directory that all may write to, only the follower's own or the owner's links.
  if ((dir.mode & 0o1002) === 0o1002) {
    const { uid } = fs.stat(link.ino)
    if (uid !== walker.cred.uid && uid !== dir.uid) throw new Errno('EACCES')
  }
  const target = fs.readlink(link.ino)
  if (target === '') throw new Errno('ENOENT')
  return walk(walker, target, true)
}

function step(at: Place, name: string): Place | undefined {
  const ino = at.mount.fs.lookup(at.ino, name)
  if (ino === undefined) return undefined
  const path = at.path === '/' ? `/${name}` : `${at.path}/${name}`
  demandShort(path)
  let mount = at.mount.children.get(ino)
  if (!mount) return { mount: at.mount, ino, path }
  for (let over = mount.children.get(mount.root); over; over = mount.children.get(mount.root)) mount = over
  return { mount, ino: mount.root, path }
}

/** Absolute paths too are at most PATH_MAX long, though relative steps could go deeper in Linux: whoever walks a tree relies on it. */
function demandShort(path: string): void {
  if (path.length >= PATH_MAX / 3 && nameBytes(path) >= PATH_MAX) throw new Errno('ENAMETOOLONG')
}

function typeOf(place: Place): Stat['type'] {
  return place.mount.fs.stat(place.ino).type
}

function nextSlash(path: string, start: number): number {
  const end = path.indexOf('/', start)
  return end < 0 ? path.length : end
}

function isLast(path: string, end: number): boolean {
  for (let at = end; at < path.length; at++) if (path.charCodeAt(at) !== 47) return false
  return true
}

function top(stack: Place[]): Place {
  const place = stack.at(-1)
  if (!place) throw new Errno('ENOENT')
  return place
}
