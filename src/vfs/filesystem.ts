/**
 * The interface of one mounted file system: inodes and names, as a kernel sees them. Paths, mounts,
 * symbolic links and permissions are `RootFs`'s job; a FileSystem checks none of them.
 *
 * Inode numbers are stable for the life of the file system, also across processes: an overlay keeps a
 * file's number through copy-up. An unlinked inode stays readable while someone holds it (`hold`/`release`).
 */

export type FileType = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket'

export interface Stat {
  /**
   * The number shown to users: equal for names of one file. Not always the one that was asked about: in an
   * overlay, names of a hard-linked file of a layer are separate inodes until then, since a write to one of them
   * breaks it off the others.
   */
  readonly ino: number
  readonly type: FileType
  /** Permission bits with set-id and sticky bits: 0 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes; a symlink's is its target's length, a directory's 4096. */
  readonly size: number
  readonly nlink: number
  /** Major and minor number of a device. */
  readonly rdev?: readonly [number, number]
  /** Times in ms since the epoch. */
  readonly mtime: number
  readonly atime: number
  readonly ctime: number
}

export interface DirEntry {
  readonly name: string
  /** The number that `stat` reports. To work with the inode use what `lookup` gives. */
  readonly ino: number
  readonly type: FileType
}

/** What a new inode starts with. `now` is its three times. */
export interface NodeInit {
  type: FileType
  mode: number
  uid: number
  gid: number
  now: number
  /** A symlink's target. */
  target?: string
  rdev?: readonly [number, number]
}

export interface Attributes {
  mode?: number
  uid?: number
  gid?: number
  mtime?: number
  atime?: number
}

/** Every method throws `Errno`. Names are single path components, never empty, `.` or `..`. */
export interface FileSystem {
  /** As in /proc/mounts: overlay, tmpfs, proc, sysfs, ext4, … */
  readonly type: string
  readonly root: number
  /** The child of `dir` called `name`; undefined if there is none. */
  lookup(dir: number, name: string): number | undefined
  stat(ino: number): Stat
  /** Entries without `.` and `..`, in the file system's order. */
  readdir(dir: number): DirEntry[]
  readlink(ino: number): string
  /** At most `length` bytes from `offset`; fewer only at the end of the file. The result must not be changed. */
  read(ino: number, offset: number, length: number): Uint8Array
  /** The same into memory of the caller's; the number of bytes. */
  readInto?(ino: number, offset: number, into: Uint8Array): number
  /** Whether what is known of a file's bytes stays true: it is a layer's, and was not written to. */
  isPristine?(ino: number): boolean
  /**
   * Makes an empty file one of `size` bytes that `read` gives when they are asked for: what is copied only to be made a
   * layer of is not kept twice. `read` must go on giving the same bytes.
   */
  fill?(ino: number, size: number, read: (at: number, length: number) => Uint8Array): void
  /** Writes all of `data` (copied) at `offset`, filling a gap with zeros. */
  write(ino: number, offset: number, data: Uint8Array, now: number): void
  truncate(ino: number, size: number, now: number): void
  /** Makes a new inode under a name that must be free (EEXIST). */
  create(dir: number, name: string, init: NodeInit): number
  link(dir: number, name: string, ino: number, now: number): void
  /** Removes a name that is not a directory's. */
  unlink(dir: number, name: string, now: number): void
  /** Removes an empty directory (ENOTEMPTY). */
  rmdir(dir: number, name: string, now: number): void
  /** POSIX rename, replacing a target of the same kind. */
  rename(fromDir: number, fromName: string, toDir: number, toName: string, now: number): void
  setattr(ino: number, attributes: Attributes, now: number): void
  /** Keeps an inode alive without a name, as an open file does; each needs its `release`. */
  hold(ino: number): void
  release(ino: number): void
  /** Sizes in bytes for df. */
  statfs(): { total: number; free: number; files: number; filesFree: number }
}
