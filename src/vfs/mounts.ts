/** The mount table of a container: which file system is where. */
import type { FileSystem } from './filesystem.ts'

export interface MountOptions {
  readonly?: boolean
  /** First field of /proc/mounts. Default: the file system's type. */
  source?: string
  /** Further options as /proc/mounts shows them (`nosuid`, `size=64k`, …). */
  flags?: readonly string[]
  /** What of the file system is mounted: a directory's or a file's inode. Default: its root. */
  root?: number
}

export interface Mount {
  /** A number of its own, as st_dev is. */
  readonly id: number
  readonly fs: FileSystem
  readonly root: number
  /** Absolute path of the mount point. */
  readonly path: string
  readonly readonly: boolean
  readonly source: string
  readonly flags: readonly string[]
  /** Mounts on inodes of this one. */
  readonly children: Map<number, Mount>
}

/** Something in the tree of files: an inode in a mount, and the absolute path without symlinks that led there. */
export interface Place {
  readonly mount: Mount
  readonly ino: number
  readonly path: string
}
