/**
 * A writable file system of inodes in memory, which can be stored: tmpfs, volumes, and the upper directory of
 * an overlay. File bytes beyond a few kilobytes are read from disk when asked for, and spill to disk when
 * written in quantity.
 */
import type { StoreReader, Transaction } from '../store/types.ts'
import { type ContentSource, FileContent } from './content.ts'
import { Errno } from './errno.ts'
import type { Attributes, DirEntry, FileSystem, NodeInit, Stat } from './filesystem.ts'
import { PagePool } from './page-pool.ts'
import { statOf, type TreeNode } from './tree-node.ts'
import { TreeStorage } from './tree-storage.ts'

/** What a container may fill of the host's disk: holes and zeros do not count. */
const diskLimit = 2 ** 30

export interface TreeFsOptions {
  /** Type as in /proc/mounts. Default: tmpfs. */
  type?: string
  /** The root directory: its attributes and, for an overlay's upper, its inode number. */
  root?: { ino?: number; mode?: number; uid?: number; gid?: number; now?: number }
  /** Inode numbers of new nodes start here. */
  firstIno?: number
  /** Limits in bytes and inodes (ENOSPC), as of `--tmpfs …:size=`. Default: none. */
  limits?: { bytes?: number; files?: number }
  /** Size of the file system that `statfs` tells when there is no limit, in bytes. */
  capacity?: number
  /** Most bytes that the files may take on the host (ENOSPC). Default: 1 GiB. */
  disk?: number
  /** Bytes of unsaved content to keep in memory. */
  memory?: number
  /** Folder for the scratch file that more than that goes to. */
  scratch?: string
  /** Reads the file that a copied-up node had below. */
  origin?: (ino: number, at: number, length: number) => Uint8Array
}

export class TreeFs implements FileSystem {
  readonly type: string
  root: number
  private readonly options: TreeFsOptions
  private readonly pool: PagePool
  private storage = new TreeStorage()
  private nodes = new Map<number, TreeNode>()
  private nextIno: number
  usedBytes = 0
  private kept: number | undefined

  constructor(options: TreeFsOptions = {}) {
    this.options = options
    this.type = options.type ?? 'tmpfs'
    this.pool = new PagePool(options.memory, options.scratch)
    this.root = options.root?.ino ?? 1
    this.nextIno = options.firstIno ?? this.root + 1
    const { mode = 0o755, uid = 0, gid = 0, now = 0 } = options.root ?? {}
    this.add(this.root, { type: 'dir', mode, uid, gid, now })
  }

  lookup(dir: number, name: string): number | undefined {
    return this.dir(dir).entries.get(name)?.ino
  }

  stat(ino: number): Stat {
    const node = this.node(ino)
    return statOf(node, this.type === 'tmpfs' && node.entries ? 40 + 20 * node.entries.size : 4096)
  }

  readdir(dir: number): DirEntry[] {
    const list: DirEntry[] = []
    for (const [name, { ino, type }] of this.dir(dir).entries) list.push({ name, ino, type })
    return list
  }

  readlink(ino: number): string {
    const { target } = this.node(ino)
    if (target === undefined) throw new Errno('EINVAL')
    return target
  }

  read(ino: number, offset: number, length: number): Uint8Array {
    return this.contentOf(this.node(ino)).read(offset, length)
  }

  readInto(ino: number, offset: number, into: Uint8Array): number {
    return this.contentOf(this.node(ino)).readInto(offset, into)
  }

  write(ino: number, offset: number, data: Uint8Array, now: number): void {
    const node = this.node(ino)
    const content = this.contentOf(node)
    if (data.length === 0) return
    if (this.keptBytes() + data.length > (this.options.disk ?? diskLimit)) this.recount(data.length)
    this.resize(content.size, Math.max(content.size, offset + data.length))
    this.kept = this.keptBytes() + content.write(offset, data)
    this.changedContent(node, now)
  }

  fill(ino: number, size: number, read: (at: number, length: number) => Uint8Array): void {
    const node = this.node(ino)
    this.resize(this.contentOf(node).size, size)
    this.contentOf(node).fill(size, read)
    this.storage.touchContent(node)
  }

  truncate(ino: number, size: number, now: number): void {
    const node = this.node(ino)
    const content = this.contentOf(node)
    this.resize(content.size, size)
    content.truncate(size)
    this.changedContent(node, now)
  }

  create(dir: number, name: string, init: NodeInit): number {
    const parent = this.dir(dir)
    if (parent.nlink === 0) throw new Errno('ENOENT')
    if (parent.entries.has(name)) throw new Errno('EEXIST')
    const node = this.add(this.nextIno, init)
    this.attach(parent, name, node, init.now)
    return node.ino
  }

  link(dir: number, name: string, ino: number, now: number): void {
    const parent = this.dir(dir)
    const node = this.node(ino)
    if (node.type === 'dir') throw new Errno('EPERM')
    if (parent.nlink === 0 || (node.nlink === 0 && ino !== this.root)) throw new Errno('ENOENT')
    if (parent.entries.has(name)) throw new Errno('EEXIST')
    this.attach(parent, name, node, now)
    node.ctime = now
    this.touch(node)
  }

  unlink(dir: number, name: string, now: number): void {
    const parent = this.dir(dir)
    const node = parent.entries.get(name)
    if (!node) throw new Errno('ENOENT')
    if (node.type === 'dir') throw new Errno('EISDIR')
    this.detach(parent, name, node, now)
  }

  rmdir(dir: number, name: string, now: number): void {
    const parent = this.dir(dir)
    const node = parent.entries.get(name)
    if (!node) throw new Errno('ENOENT')
    if (!node.entries) throw new Errno('ENOTDIR')
    if (node.entries.size > 0) throw new Errno('ENOTEMPTY')
    this.detach(parent, name, node, now)
  }

  rename(fromDir: number, fromName: string, toDir: number, toName: string, now: number): void {
    const from = this.dir(fromDir)
    const to = this.dir(toDir)
    const node = from.entries.get(fromName)
    if (!node || to.nlink === 0) throw new Errno('ENOENT')
    const target = to.entries.get(toName)
    if (target === node) return
    for (let above: TreeNode | undefined = to; above; above = above.parent)
      if (above === node) throw new Errno('EINVAL')
    if (target) {
      if (target.entries && !node.entries) throw new Errno('EISDIR')
      if (!target.entries && node.entries) throw new Errno('ENOTDIR')
      if (target.entries && target.entries.size > 0) throw new Errno('ENOTEMPTY')
      this.detach(to, toName, target, now)
    }
    from.entries.delete(fromName)
    if (node.entries) from.nlink--
    else node.nlink--
    this.stamp(from, now)
    this.attach(to, toName, node, now)
    node.ctime = now
    this.touch(node)
  }

  setattr(ino: number, attributes: Attributes, now: number): void {
    const node = this.node(ino)
    if (attributes.mode !== undefined) node.mode = attributes.mode & 0o7777
    if (attributes.uid !== undefined) node.uid = attributes.uid
    if (attributes.gid !== undefined) node.gid = attributes.gid
    if (attributes.mtime !== undefined) node.mtime = attributes.mtime
    if (attributes.atime !== undefined) node.atime = attributes.atime
    node.ctime = now
    this.touch(node)
  }

  hold(ino: number): void {
    this.node(ino).holds++
  }

  release(ino: number): void {
    const node = this.node(ino)
    node.holds--
    this.freeIfUnused(node)
  }

  statfs(): { total: number; free: number; files: number; filesFree: number } {
    const { limits, capacity = 64 * 2 ** 30 } = this.options
    const total = limits?.bytes ?? capacity
    const files = limits?.files ?? Math.floor(total / 16384)
    return {
      total,
      free: Math.max(0, total - this.usedBytes),
      files,
      filesFree: Math.max(0, files - this.nodes.size),
    }
  }

  /** Bytes of what has a name and is no directory, each inode once: an upper directory's SizeRw, a volume's size. */
  size(): number {
    let sum = 0
    for (const node of this.nodes.values()) if (!node.entries && node.nlink > 0) sum += statOf(node, 0).size
    return sum
  }

  /** The node with a number; undefined if there is none. For an overlay, which adds to it; not to be changed. */
  peek(ino: number): TreeNode | undefined {
    return this.nodes.get(ino)
  }

  /** Adds a node with a number of the caller's, without a name: what copy-up starts with. `size`: its origin's. */
  adopt(ino: number, stat: Stat, extra: { target?: string; xattrs?: TreeNode['xattrs'] }): void {
    const node = this.add(ino, { ...stat, ...extra, now: stat.ctime })
    node.mtime = stat.mtime
    node.atime = stat.atime
    if (extra.xattrs) node.xattrs = extra.xattrs
    if (!node.content) return
    node.content.copyUp(stat.size)
    this.storage.touchContent(node)
    this.resize(0, stat.size)
  }

  /** Gives an adopted node its name, leaving the directory's times alone. */
  place(dir: number, name: string, ino: number): void {
    const parent = this.dir(dir)
    this.attach(parent, name, this.node(ino), parent.mtime, parent.ctime)
  }

  /** Hides or shows a name of the directories below this upper directory. */
  setWhiteout(dir: number, name: string, on: boolean): void {
    const node = this.dir(dir)
    if (on === (node.whiteouts?.has(name) ?? false)) return
    node.whiteouts ??= new Set()
    if (on) node.whiteouts.add(name)
    else node.whiteouts.delete(name)
    this.touch(node)
  }

  /** Removes unlinked nodes that nobody holds: once everyone who had files open has opened them again. */
  dropOrphans(): void {
    for (const node of [...this.nodes.values()]) this.freeIfUnused(node)
  }

  /** Gives the scratch file back, if there is one. The file system must not be used afterwards. */
  close(): void {
    this.pool.close()
  }

  /** Whether there is anything to save. */
  get changed(): boolean {
    return this.storage.changed
  }

  /**
   * Writes what changed since the last save (nothing when nothing did). When the transaction fails afterwards
   * this object no longer matches the store and must be dropped.
   */
  save(tx: Transaction, prefix: string): void {
    const { root, nextIno, nodes } = this
    this.storage.save(tx, prefix, { root, nextIno, nodes })
  }

  /** Whether a file system is stored under a prefix. */
  static exists(store: StoreReader, prefix: string): boolean {
    return store.read(`${prefix}/fs.json`) !== undefined
  }

  /** Reads what `save` wrote; undefined when there is nothing. Pass the options that it was made with. */
  static load(store: StoreReader, prefix: string, options: TreeFsOptions = {}): TreeFs | undefined {
    const fs = new TreeFs(options)
    // What the constructor noted about the new root is void.
    fs.storage = new TreeStorage()
    const loaded = fs.storage.load(store, prefix, (node, data) => {
      node.content = fs.newContent(node.ino)
      if (data) node.content.load(data)
      fs.usedBytes += rounded(node.content.size)
    })
    if (!loaded) return undefined
    fs.root = loaded.root
    fs.nextIno = loaded.nextIno
    fs.nodes = loaded.nodes
    return fs
  }

  private add(ino: number, init: NodeInit): TreeNode {
    if (this.nodes.size >= (this.options.limits?.files ?? Number.POSITIVE_INFINITY)) throw new Errno('ENOSPC')
    const { type, mode, uid, gid, now } = init
    const node: TreeNode = {
      ino,
      type,
      mode: mode & 0o7777,
      uid,
      gid,
      mtime: now,
      atime: now,
      ctime: now,
      nlink: type === 'dir' ? 2 : 0,
      holds: 0,
      group: this.storage.newGroup(),
    }
    if (type === 'dir') node.entries = new Map()
    if (type === 'file') node.content = this.newContent(ino)
    if (init.target !== undefined) node.target = init.target
    if (init.rdev) node.rdev = init.rdev
    this.nextIno = Math.max(this.nextIno, ino + 1)
    this.nodes.set(ino, node)
    this.touch(node)
    return node
  }

  private newContent(ino: number): FileContent {
    const source: ContentSource = {
      data: (file, at, length) => this.storage.readData(file, at, length),
      origin: (at, length) => this.options.origin?.(ino, at, length) ?? new Uint8Array(length),
    }
    return new FileContent(this.pool, source)
  }

  private attach(parent: TreeNode, name: string, node: TreeNode, mtime: number, ctime = mtime): void {
    parent.entries?.set(name, node)
    if (node.entries) {
      node.parent = parent
      parent.nlink++
    } else node.nlink++
    parent.mtime = mtime
    parent.ctime = ctime
    this.touch(parent)
  }

  private detach(parent: TreeNode, name: string, node: TreeNode, now: number): void {
    parent.entries?.delete(name)
    this.stamp(parent, now)
    if (node.entries) {
      parent.nlink--
      node.nlink = 0
      node.parent = undefined
    } else node.nlink--
    node.ctime = now
    this.touch(node)
    this.freeIfUnused(node)
  }

  private freeIfUnused(node: TreeNode): void {
    if (node.nlink > 0 || node.holds > 0 || node.ino === this.root) return
    this.resize(node.content?.size ?? 0, 0)
    this.nodes.delete(node.ino)
    this.storage.forget(node)
  }

  private resize(from: number, to: number): void {
    const used = this.usedBytes + rounded(to) - rounded(from)
    if (to > from && used > (this.options.limits?.bytes ?? Number.POSITIVE_INFINITY)) throw new Errno('ENOSPC')
    this.usedBytes = used
  }

  /** Bytes that the files really take on the host: holes and what lies in layers below take none. */
  private keptBytes(): number {
    this.kept ??= [...this.nodes.values()].reduce((sum, node) => sum + (node.content?.kept ?? 0), 0)
    return this.kept
  }

  /** Counts anew, as files may have gone. Throws ENOSPC when `more` bytes are too many even so. */
  private recount(more: number): void {
    this.kept = undefined
    if (this.keptBytes() + more > (this.options.disk ?? diskLimit)) throw new Errno('ENOSPC')
  }

  private changedContent(node: TreeNode, now: number): void {
    this.storage.touchContent(node)
    this.stamp(node, now)
  }

  private stamp(node: TreeNode, now: number): void {
    node.mtime = now
    node.ctime = now
    this.touch(node)
  }

  private touch(node: TreeNode): void {
    this.storage.touch(node)
  }

  private node(ino: number): TreeNode {
    const node = this.nodes.get(ino)
    if (!node) throw new Errno('ENOENT')
    return node
  }

  private dir(ino: number): TreeNode & { entries: Map<string, TreeNode> } {
    const node = this.node(ino)
    if (!isDir(node)) throw new Errno('ENOTDIR')
    return node
  }

  private contentOf(node: TreeNode): FileContent {
    if (node.content) return node.content
    throw new Errno(node.type === 'dir' ? 'EISDIR' : 'EINVAL')
  }
}

function isDir(node: TreeNode): node is TreeNode & { entries: Map<string, TreeNode> } {
  return node.entries !== undefined
}

function rounded(size: number): number {
  return Math.ceil(size / 4096) * 4096
}
