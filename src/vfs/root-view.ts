/**
 * The files of a container as they are seen: a tree of mounted file systems, by path, with permissions. What
 * changes files is `RootFs`. Every method throws `Errno`; nothing leads out of the root.
 */
import { type Cred, engineCred } from './cred.ts'
import { Errno } from './errno.ts'
import type { DirEntry, FileSystem, Stat } from './filesystem.ts'
import type { Mount, MountOptions, Place } from './mounts.ts'
import { demand, EXECUTE, permits, READ, WRITE } from './permission.ts'
import { type Found, find, type WalkOptions } from './walk.ts'

/** Who asks (default: the engine), and from where. Relative paths start at `cwd`. */
export type Access = Partial<WalkOptions>

export class RootView {
  protected readonly top: Mount
  protected readonly now: () => number
  private table: Mount[]
  private nextId = 2

  /** `root` is mounted at `/`. `now` gives the time in ms since the epoch. */
  constructor(root: FileSystem, now: () => number, options: MountOptions = {}) {
    this.now = now
    this.top = newMount(1, root, '/', options)
    this.table = [this.top]
  }

  /** Mounts a file system on an existing directory (a file's mount on an existing file). */
  mount(path: string, fs: FileSystem, options: MountOptions = {}): Mount {
    const at = this.walk(path)
    const mount = newMount(this.nextId++, fs, at.path, options)
    const onDir = at.mount.fs.stat(at.ino).type === 'dir'
    if (onDir !== (fs.stat(mount.root).type === 'dir')) throw new Errno('ENOTDIR')
    at.mount.children.set(at.ino, mount)
    this.table.push(mount)
    return mount
  }

  /** Undoes the last mount at a path. EBUSY when something is mounted in it; EINVAL when nothing is mounted there. */
  unmount(path: string): void {
    const { mount } = this.walk(path)
    if (mount.path !== path || mount === this.top) throw new Errno('EINVAL')
    if (mount.children.size > 0) throw new Errno('EBUSY')
    for (const { children } of this.table)
      for (const [ino, child] of children) if (child === mount) children.delete(ino)
    this.table = this.table.filter(other => other !== mount)
  }

  /** Makes a mount read-only or writable (mount(2), MS_REMOUNT). */
  setReadonly(mount: Mount, readonly: boolean): void {
    Object.assign(mount, { readonly })
  }

  /** The mounts in the order in which they were made. */
  mounts(): readonly Mount[] {
    return this.table
  }

  /** Resolves a path that must exist. */
  walk(path: string, access: Access = {}): Place {
    const { place } = this.find(path, access)
    if (!place) throw new Errno('ENOENT')
    return place
  }

  /** Resolves a path whose last name need not exist. */
  find(path: string, access: Access = {}): Found {
    return find(this.top, path, access.cred ? (access as WalkOptions) : { ...access, cred: engineCred })
  }

  stat(path: string, access: Access = {}): Stat {
    const { mount, ino } = this.walk(path, access)
    return mount.fs.stat(ino)
  }

  lstat(path: string, access: Access = {}): Stat {
    return this.stat(path, { ...access, follow: false })
  }

  /** Whether a path leads to something; false also where the way is barred. */
  exists(path: string, access: Access = {}): boolean {
    try {
      return this.find(path, access).place !== undefined
    } catch (error) {
      if (error instanceof Errno) return false
      throw error
    }
  }

  /** Entries without `.` and `..`. */
  readdir(path: string, access: Access = {}): DirEntry[] {
    const { mount, ino } = this.walk(path, access)
    const stat = mount.fs.stat(ino)
    if (stat.type !== 'dir') throw new Errno('ENOTDIR')
    demand(stat, credOf(access), READ)
    return mount.fs.readdir(ino)
  }

  readlink(path: string, access: Access = {}): string {
    const { mount, ino } = this.walk(path, { ...access, follow: false })
    return mount.fs.readlink(ino)
  }

  /** The absolute path without symlinks, `.` and `..`. */
  realpath(path: string, access: Access = {}): string {
    return this.walk(path, access).path
  }

  /** Whether a path exists and `want` is allowed on it. */
  access(path: string, want: { read?: boolean; write?: boolean; execute?: boolean }, access: Access = {}): boolean {
    try {
      const { mount, ino } = this.walk(path, access)
      const stat = mount.fs.stat(ino)
      if (want.write && mount.readonly && (stat.type === 'file' || stat.type === 'dir')) return false
      if (want.execute && stat.type === 'file' && mount.flags.includes('noexec')) return false
      const bits = (want.read ? READ : 0) | (want.write ? WRITE : 0) | (want.execute ? EXECUTE : 0)
      return permits(stat, credOf(access), bits)
    } catch (error) {
      if (error instanceof Errno) return false
      throw error
    }
  }

  statfs(path: string, access: Access = {}): ReturnType<FileSystem['statfs']> & { type: string; mountPoint: string } {
    const { mount } = this.walk(path, access)
    return { ...mount.fs.statfs(), type: mount.fs.type, mountPoint: mount.path }
  }
}

function newMount(id: number, fs: FileSystem, path: string, options: MountOptions): Mount {
  return {
    id,
    fs,
    root: options.root ?? fs.root,
    path,
    readonly: options.readonly ?? false,
    source: options.source ?? fs.type,
    flags: options.flags ?? [],
    children: new Map(),
  }
}

/** Who acts: the engine unless somebody is named. */
export function credOf(access: Access): Cred {
  return access.cred ?? engineCred
}
