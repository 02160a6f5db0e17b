/**
 * The overlay: a container's merged file system. Below are the image's layers, read-only; above is an upper
 * tree of its own with what was changed, where names of the layers are hidden by whiteouts. The first change
 * to a file of a layer copies it up (its bytes only as far as they are written); a directory that is copied up
 * still shows what the layers have in it.
 *
 * A node keeps its inode number when it is copied up: numbers below `lower.limit` belong to the layers, also
 * in the upper tree, and new nodes get higher ones. As in overlayfs without redirect_dir, renaming a directory
 * of a layer gives EXDEV, and hard links of a layer's file break apart when it is copied up.
 */
import type { StoreReader, Transaction } from '../store/types.ts'
import { Errno } from '../vfs/errno.ts'
import type { Attributes, DirEntry, FileSystem, NodeInit, Stat } from '../vfs/filesystem.ts'
import { TreeFs, type TreeFsOptions } from '../vfs/tree-fs.ts'
import type { Layer } from './layer.ts'
import { LowerTree } from './lower-tree.ts'

export class OverlayFs implements FileSystem {
  readonly type = 'overlay'
  readonly root: number
  readonly lower: LowerTree
  readonly upper: TreeFs
  /** Holds of files that are not copied up: such a file stays readable whatever happens to its names. */
  private readonly lowerHolds = new Map<number, number>()

  private constructor(lower: LowerTree, upper: TreeFs) {
    this.lower = lower
    this.upper = upper
    this.root = lower.root
  }

  /** A new overlay with an empty upper over `layers` (top first; none for `scratch`). `now`: ms since the epoch. */
  static create(layers: readonly Layer[], now: number): OverlayFs {
    const lower = new LowerTree(layers)
    const { uid, gid, mode } = lower.stat(lower.root)
    const root = { ino: lower.root, uid, gid, mode, now }
    return new OverlayFs(lower, new TreeFs({ ...upperOptions(lower), root }))
  }

  /** The overlay whose upper was saved under `prefix`, over the same layers; undefined when there is none. */
  static load(layers: readonly Layer[], store: StoreReader, prefix: string): OverlayFs | undefined {
    const lower = new LowerTree(layers)
    const upper = TreeFs.load(store, prefix, upperOptions(lower))
    return upper && new OverlayFs(lower, upper)
  }

  /** Whether there is anything to save. */
  get changed(): boolean {
    return this.upper.changed
  }

  /** Stores the upper; see `TreeFs.save`. */
  save(tx: Transaction, prefix: string): void {
    this.upper.save(tx, prefix)
  }

  /** SizeRw: bytes in the upper. */
  sizeRw(): number {
    return this.upper.size()
  }

  /** SizeRootFs: the layers and the upper. */
  sizeRootFs(): number {
    return this.lower.layers.reduce((sum, layer) => sum + layer.size, this.sizeRw())
  }

  lookup(dir: number, name: string): number | undefined {
    const above = this.upper.peek(dir)
    if (!above) {
      const below = this.lower.child(dir, name)
      if (below === undefined) this.checkLowerDir(dir)
      return below
    }
    if (!above.entries) throw new Errno('ENOTDIR')
    const child = above.entries.get(name)
    if (child) return child.ino
    return this.showsLower(dir) && !above.whiteouts?.has(name) ? this.lower.child(dir, name) : undefined
  }

  stat(ino: number): Stat {
    const above = this.upper.peek(ino)
    if (!above) return this.lower.stat(ino)
    const stat = this.upper.stat(ino)
    return above.entries && this.showsLower(ino) && above.nlink > 0 ? { ...stat, nlink: 1 } : stat
  }

  readdir(dir: number): DirEntry[] {
    const above = this.upper.peek(dir)
    if (!above) this.checkLowerDir(dir)
    const list: DirEntry[] = above ? this.upper.readdir(dir) : []
    if (!this.showsLower(dir)) return list
    for (const [name, ino] of this.lower.children(dir)) {
      if (above?.entries?.has(name) || above?.whiteouts?.has(name)) continue
      const stat = this.lower.stat(ino)
      list.push({ name, ino: stat.ino, type: stat.type })
    }
    return list
  }

  readlink(ino: number): string {
    if (this.upper.peek(ino)) return this.upper.readlink(ino)
    const { type, target } = this.lower.entry(ino)
    if (type !== 'symlink' || target === undefined) throw new Errno('EINVAL')
    return target
  }

  read(ino: number, offset: number, length: number): Uint8Array {
    if (this.upper.peek(ino)) return this.upper.read(ino, offset, length)
    const { type } = this.lower.stat(ino)
    if (type !== 'file') throw new Errno(type === 'dir' ? 'EISDIR' : 'EINVAL')
    return this.lower.read(ino, offset, length)
  }

  readInto(ino: number, offset: number, into: Uint8Array): number {
    if (this.upper.peek(ino)) return this.upper.readInto(ino, offset, into)
    const data = this.read(ino, offset, into.length)
    into.set(data)
    return data.length
  }

  write(ino: number, offset: number, data: Uint8Array, now: number): void {
    this.copyUp(ino)
    this.upper.write(ino, offset, data, now)
  }

  fill(ino: number, size: number, read: (at: number, length: number) => Uint8Array): void {
    this.copyUp(ino)
    this.upper.fill(ino, size, read)
  }

  truncate(ino: number, size: number, now: number): void {
    this.copyUp(ino)
    this.upper.truncate(ino, size, now)
  }

  create(dir: number, name: string, init: NodeInit): number {
    this.checkFree(dir, name)
    const ino = this.upper.create(dir, name, init)
    this.upper.setWhiteout(dir, name, false)
    return ino
  }

  link(dir: number, name: string, ino: number, now: number): void {
    if (this.stat(ino).type === 'dir') throw new Errno('EPERM')
    this.checkFree(dir, name)
    this.copyUp(ino)
    this.upper.link(dir, name, ino, now)
    this.upper.setWhiteout(dir, name, false)
  }

  unlink(dir: number, name: string, now: number): void {
    const ino = this.lookup(dir, name)
    if (ino === undefined) throw new Errno('ENOENT')
    if (this.stat(ino).type === 'dir') throw new Errno('EISDIR')
    this.remove(dir, name, now)
  }

  rmdir(dir: number, name: string, now: number): void {
    const ino = this.lookup(dir, name)
    if (ino === undefined) throw new Errno('ENOENT')
    if (this.stat(ino).type !== 'dir') throw new Errno('ENOTDIR')
    if (this.readdir(ino).length > 0) throw new Errno('ENOTEMPTY')
    this.remove(dir, name, now)
  }

  rename(fromDir: number, fromName: string, toDir: number, toName: string, now: number): void {
    const ino = this.lookup(fromDir, fromName)
    if (ino === undefined) throw new Errno('ENOENT')
    const target = this.lookup(toDir, toName)
    if (target === ino) return
    const isDir = this.stat(ino).type === 'dir'
    if (target !== undefined) {
      const onDir = this.stat(target).type === 'dir'
      if (onDir && !isDir) throw new Errno('EISDIR')
      if (!onDir && isDir) throw new Errno('ENOTDIR')
      if (onDir && this.readdir(target).length > 0) throw new Errno('ENOTEMPTY')
    }
    if (isDir && this.showsLower(ino)) throw new Errno('EXDEV')
    this.copyUp(ino)
    this.copyUp(toDir)
    for (let above = this.upper.peek(toDir); above; above = above.parent)
      if (above.ino === ino) throw new Errno('EINVAL')
    if (target !== undefined) this.remove(toDir, toName, now)
    this.upper.rename(fromDir, fromName, toDir, toName, now)
    this.upper.setWhiteout(toDir, toName, false)
    this.hideLower(fromDir, fromName)
  }

  setattr(ino: number, attributes: Attributes, now: number): void {
    this.copyUp(ino)
    this.upper.setattr(ino, attributes, now)
  }

  hold(ino: number): void {
    if (this.upper.peek(ino)) this.upper.hold(ino)
    else this.lowerHolds.set(ino, (this.lowerHolds.get(ino) ?? 0) + 1)
  }

  release(ino: number): void {
    const below = this.lowerHolds.get(ino)
    if (below === undefined) this.upper.release(ino)
    else if (below > 1) this.lowerHolds.set(ino, below - 1)
    else this.lowerHolds.delete(ino)
  }

  statfs(): { total: number; free: number; files: number; filesFree: number } {
    return this.upper.statfs()
  }

  isPristine(ino: number): boolean {
    return this.upper.peek(ino) === undefined
  }

  /** Whether a directory still shows what the layers have in it. */
  showsLower(dir: number): boolean {
    return dir < this.lower.limit
  }

  /** Brings a node of the layers into the upper, after the directories above it. */
  private copyUp(ino: number): void {
    if (this.upper.peek(ino)) return
    const stat = this.lower.stat(ino)
    const { target, xattrs } = this.lower.entry(ino)
    const place = this.lower.placeOf(ino)
    if (place) this.copyUp(place.dir)
    const named = place !== undefined && this.lookup(place.dir, place.name) === ino
    if (!named && stat.type === 'dir') throw new Errno('ENOENT')
    this.upper.adopt(
      ino,
      { ...stat, ino },
      {
        ...(target === undefined || stat.type !== 'symlink' ? {} : { target }),
        ...(xattrs ? { xattrs } : {}),
      },
    )
    // A file that is open but has lost its name stays without one.
    if (named) this.upper.place(place.dir, place.name, ino)
    for (let held = this.lowerHolds.get(ino) ?? 0; held > 0; held--) this.upper.hold(ino)
    this.lowerHolds.delete(ino)
  }

  /** Removes a name that exists, and hides the one below it. */
  private remove(dir: number, name: string, now: number): void {
    this.copyUp(dir)
    const above = this.upper.peek(dir)?.entries?.get(name)
    if (above?.entries) this.upper.rmdir(dir, name, now)
    else if (above) this.upper.unlink(dir, name, now)
    this.hideLower(dir, name)
    // The directory changes as much when only a whiteout is made.
    if (!above) this.upper.setattr(dir, { mtime: now }, now)
  }

  private hideLower(dir: number, name: string): void {
    if (this.showsLower(dir) && this.lower.child(dir, name) !== undefined) this.upper.setWhiteout(dir, name, true)
  }

  private checkFree(dir: number, name: string): void {
    if (this.lookup(dir, name) !== undefined) throw new Errno('EEXIST')
    this.copyUp(dir)
  }

  private checkLowerDir(dir: number): void {
    if (this.lower.entry(dir).type !== 'dir') throw new Errno('ENOTDIR')
  }
}

function upperOptions(lower: LowerTree): TreeFsOptions {
  return {
    type: 'overlay',
    firstIno: lower.limit,
    origin: (ino, at, length) => lower.read(ino, at, length),
  }
}
