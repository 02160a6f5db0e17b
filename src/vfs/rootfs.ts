/**
 * The files of a container as its processes see them: a tree of mounted file systems, by path, with
 * permissions. The kernel goes through it for processes (with their credentials), the engine for itself
 * (with `engineCred`, the default).
 *
 * Every method throws `Errno`. Paths may be relative to `access.cwd`; nothing leads out of the root.
 */
import { allowedAttributes, initIn } from './attributes.ts'
import { CAP_FOWNER, CAP_MKNOD, type Cred, hasCap } from './cred.ts'
import { Errno } from './errno.ts'
import type { Attributes, FileType, NodeInit, Stat } from './filesystem.ts'
import type { Mount, Place } from './mounts.ts'
import { demand, demandRemoval, EXECUTE, owns, permits, READ, WRITE } from './permission.ts'
import { type Access, credOf, RootView } from './root-view.ts'
import type { Found } from './walk.ts'

export type { Access }

export interface OpenFlags {
  read?: boolean
  write?: boolean
  create?: boolean
  exclusive?: boolean
  truncate?: boolean
  append?: boolean
  directory?: boolean
  noFollow?: boolean
}

const PIECE = 1 << 20

export class RootFs extends RootView {
  /** The whole content of a file. Use `open` and the file system's `read` for what may be large. */
  readFile(path: string, access: Access = {}): Uint8Array {
    const { mount, ino } = this.open(path, { read: true }, 0, access)
    const parts: Uint8Array[] = []
    for (let offset = 0; ; ) {
      const part = mount.fs.read(ino, offset, PIECE)
      parts.push(part)
      offset += part.length
      if (part.length < PIECE) break
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
  }

  /** Replaces a file's content, making the file with `mode` if there is none. */
  writeFile(path: string, data: Uint8Array, access: Access & { mode?: number } = {}): void {
    const { mount, ino } = this.open(path, { write: true, create: true, truncate: true }, access.mode ?? 0o644, access)
    mount.fs.write(ino, 0, data, this.now())
  }

  /** Adds to a file's end, making the file with `mode` if there is none. */
  appendFile(path: string, data: Uint8Array, access: Access & { mode?: number } = {}): void {
    const { mount, ino } = this.open(path, { write: true, create: true }, access.mode ?? 0o644, access)
    mount.fs.write(ino, mount.fs.stat(ino).size, data, this.now())
  }

  /**
   * Opens a file as open(2) does, making it with `mode` (the umask is the caller's) where asked. The caller
   * holds the inode (`fs.hold`) as long as it is open.
   */
  open(path: string, flags: OpenFlags, mode: number, access: Access = {}): Place {
    const cred = credOf(access)
    const follow = !flags.noFollow && !(flags.create && flags.exclusive)
    const found = this.find(path, { ...access, follow })
    if (!found.place) {
      if (!flags.create) throw new Errno('ENOENT')
      if (found.slash) throw new Errno('EISDIR')
      return this.make(found, { type: 'file', mode, uid: cred.uid, gid: cred.gid, now: this.now() }, cred)
    }
    if (flags.create && flags.exclusive) throw new Errno('EEXIST')
    const { place } = found
    const { fs } = place.mount
    const stat = fs.stat(place.ino)
    if (stat.type === 'symlink') throw new Errno('ELOOP')
    if (flags.directory && stat.type !== 'dir') throw new Errno('ENOTDIR')
    const writes = flags.write || flags.truncate
    if (stat.type === 'dir' && (writes || flags.create)) throw new Errno('EISDIR')
    const refused = place.mount.readonly && stat.type === 'file'
    // The kernel asks the mount before the mode bits where O_TRUNC will change the file, and after them elsewhere.
    if (flags.truncate && refused) throw new Errno('EROFS')
    demand(stat, cred, (flags.read ? READ : 0) | (writes ? WRITE : 0))
    if (writes && refused) throw new Errno('EROFS')
    if (flags.truncate && stat.type === 'file') fs.truncate(place.ino, 0, this.now())
    return place
  }

  mkdir(path: string, mode = 0o755, access: Access = {}): Place {
    return this.makeAt(path, { type: 'dir', mode, ...this.by(access) }, access)
  }

  /** Makes a directory and those above it that are missing; no error when it is there. */
  mkdirAll(path: string, mode = 0o755, access: Access = {}): Place {
    const { cwd = '/' } = access
    let at = path.startsWith('/') ? '' : cwd
    for (const name of path.split('/')) {
      if (name === '') continue
      at = at.endsWith('/') ? at + name : `${at}/${name}`
      const { place } = this.find(at, access)
      if (!place) this.mkdir(at, mode, access)
      else if (place.mount.fs.stat(place.ino).type !== 'dir') throw new Errno('ENOTDIR')
    }
    return this.walk(at === '' ? '/' : at, access)
  }

  symlink(target: string, path: string, access: Access = {}): Place {
    if (target === '') throw new Errno('ENOENT')
    return this.makeAt(path, { type: 'symlink', mode: 0o777, target, ...this.by(access) }, access)
  }

  /** Devices need CAP_MKNOD (EPERM). */
  mknod(path: string, type: FileType, mode: number, rdev?: readonly [number, number], access: Access = {}): Place {
    if (type === 'dir' || type === 'symlink') throw new Errno('EINVAL')
    const isDevice = type === 'char' || type === 'block'
    // Who may not write the directory hears of that first.
    if (isDevice && !hasCap(credOf(access), CAP_MKNOD)) {
      const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '.'
      this.walk(parent, access)
      if (!this.access(parent, { write: true, execute: true }, access)) throw new Errno('EACCES')
      throw new Errno('EPERM')
    }
    return this.makeAt(path, { type, mode, ...(rdev ? { rdev } : {}), ...this.by(access) }, access)
  }

  /** Another name for a file; a symlink at `from` is itself linked. */
  link(from: string, to: string, access: Access = {}): void {
    const cred = credOf(access)
    const source = this.walk(from, { ...access, follow: false })
    const target = this.find(to, { ...access, asName: true })
    if (target.place) throw new Errno('EEXIST')
    if (target.slash) throw new Errno('ENOENT')
    const { mount, ino } = target.parent
    if (source.mount !== mount) throw new Errno('EXDEV')
    demandWritable(mount)
    const { fs } = mount
    const stat = fs.stat(source.ino)
    demandLinkable(stat, cred)
    demand(fs.stat(ino), cred, WRITE | EXECUTE)
    if (stat.type === 'dir') throw new Errno('EPERM')
    fs.link(ino, target.name, source.ino, this.now())
  }

  unlink(path: string, access: Access = {}): void {
    const { parent, name, place, slash } = this.find(path, { ...access, asName: true })
    if (name === '') throw new Errno('EISDIR')
    demandWritable(parent.mount)
    if (!place) throw new Errno('ENOENT')
    const { fs } = parent.mount
    const child = place.mount.fs.stat(place.ino)
    demandRemoval(fs.stat(parent.ino), child, credOf(access))
    if (child.type === 'dir') throw new Errno('EISDIR')
    if (slash) throw new Errno('ENOTDIR')
    if (place.mount !== parent.mount) throw new Errno('EBUSY')
    fs.unlink(parent.ino, name, this.now())
  }

  rmdir(path: string, access: Access = {}): void {
    const { parent, name, place } = this.find(path, { ...access, asName: true })
    if (name === '')
      throw new Errno(/(^|\/)\.\/*$/.test(path) ? 'EINVAL' : /\.\.\/*$/.test(path) ? 'ENOTEMPTY' : 'EBUSY')
    demandWritable(parent.mount)
    if (!place) throw new Errno('ENOENT')
    const { fs } = parent.mount
    const child = place.mount.fs.stat(place.ino)
    demandRemoval(fs.stat(parent.ino), child, credOf(access))
    if (child.type !== 'dir') throw new Errno('ENOTDIR')
    if (place.mount !== parent.mount) throw new Errno('EBUSY')
    fs.rmdir(parent.ino, name, this.now())
  }

  /** Removes a file, or a directory with all that is in it; no error when there is nothing. Does not follow symlinks. */
  removeAll(path: string, access: Access = {}): void {
    const { place } = this.find(path, { ...access, follow: false })
    if (!place) return
    if (place.mount.fs.stat(place.ino).type !== 'dir') {
      this.unlink(path, access)
      return
    }
    for (const { name } of this.readdir(place.path, access))
      this.removeAll(place.path === '/' ? `/${name}` : `${place.path}/${name}`, access)
    this.rmdir(place.path, access)
  }

  rename(from: string, to: string, access: Access = {}): void {
    const cred = credOf(access)
    const source = this.find(from, { ...access, asName: true })
    const target = this.find(to, { ...access, asName: true })
    const { mount, ino: fromDir } = source.parent
    if (mount !== target.parent.mount) throw new Errno('EXDEV')
    if (source.name === '' || target.name === '') throw new Errno('EBUSY')
    demandWritable(mount)
    if (!source.place) throw new Errno('ENOENT')
    const { fs } = mount
    const moved = source.place.mount.fs.stat(source.place.ino)
    if (moved.type !== 'dir' && (source.slash || target.slash)) throw new Errno('ENOTDIR')
    if (target.parent.path === source.place.path || target.parent.path.startsWith(`${source.place.path}/`))
      throw new Errno('EINVAL')
    demandRemoval(fs.stat(fromDir), moved, cred)
    const toStat = fs.stat(target.parent.ino)
    if (target.place) {
      const replaced = target.place.mount.fs.stat(target.place.ino)
      demandRemoval(toStat, replaced, cred)
      if (replaced.type === 'dir' && moved.type !== 'dir') throw new Errno('EISDIR')
      if (replaced.type !== 'dir' && moved.type === 'dir') throw new Errno('ENOTDIR')
    } else demand(toStat, cred, WRITE | EXECUTE)
    if (moved.type === 'dir' && fromDir !== target.parent.ino) demand(moved, cred, WRITE)
    if (source.place.mount !== mount || (target.place && target.place.mount !== mount)) throw new Errno('EBUSY')
    fs.rename(fromDir, source.name, target.parent.ino, target.name, this.now())
  }

  /** chmod, chown and utimes in one. */
  setattr(path: string, attributes: Attributes, access: Access = {}): void {
    const { mount, ino } = this.walk(path, access)
    demandWritable(mount)
    const now = this.now()
    mount.fs.setattr(ino, allowedAttributes(mount.fs.stat(ino), attributes, credOf(access), now), now)
  }

  truncate(path: string, size: number, access: Access = {}): void {
    if (size < 0) throw new Errno('EINVAL')
    const { mount, ino } = this.open(path, { write: true }, 0, access)
    if (mount.fs.stat(ino).type !== 'file') throw new Errno('EINVAL')
    mount.fs.truncate(ino, size, this.now())
  }

  private makeAt(path: string, init: NodeInit, access: Access): Place {
    const found = this.find(path, { ...access, asName: true })
    if (found.place) throw new Errno('EEXIST')
    if (found.slash && init.type !== 'dir') throw new Errno('ENOENT')
    return this.make(found, init, credOf(access))
  }

  private make({ parent, name }: Found, init: NodeInit, cred: Cred): Place {
    const { mount, ino: dir, path } = parent
    demandWritable(mount)
    const stat = mount.fs.stat(dir)
    demand(stat, cred, WRITE | EXECUTE)
    const ino = mount.fs.create(dir, name, initIn(stat, init))
    return { mount, ino, path: path === '/' ? `/${name}` : `${path}/${name}` }
  }

  private by(access: Access): { uid: number; gid: number; now: number } {
    const { uid, gid } = credOf(access)
    return { uid, gid, now: this.now() }
  }
}

function demandWritable(mount: Mount): void {
  if (mount.readonly) throw new Errno('EROFS')
}

/** fs.protected_hardlinks: only one's own files, or ordinary ones that one may read and write. */
function demandLinkable(stat: Stat, cred: Cred): void {
  if (owns(stat, cred) || hasCap(cred, CAP_FOWNER)) return
  const setId = (stat.mode & 0o4000) !== 0 || (stat.mode & 0o2010) === 0o2010
  if (stat.type !== 'file' || setId || !permits(stat, cred, READ | WRITE)) throw new Errno('EPERM')
}
