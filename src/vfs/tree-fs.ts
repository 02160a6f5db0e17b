/**
 * A writable file system of inodes in memory, which can be stored: tmpfs, volumes, and the upper directory of
 * an overlay. File bytes beyond a few kilobytes are read from disk when asked for, and spill to disk when
 * written in quantity.
 *
 * Stored as `<prefix>/fs.json` with the first nodes, `<prefix>/nodes/<n>.json` with the others in groups, and
 * `<prefix>/data/<n>` with the bytes of larger files.
 */
import type { StoreReader, Transaction } from '../store/types.ts'
import { type ContentSource, FileContent } from './content.ts'
import { readDataFile } from './data-file.ts'
import { Errno } from './errno.ts'
import type { Attributes, DirEntry, FileSystem, NodeInit, Stat } from './filesystem.ts'
import { PagePool } from './page-pool.ts'
import { type NodeDocument, nodeDocument, nodeOf, statOf, type TreeNode } from './tree-node.ts'

/** Nodes in one document. */
const GROUP = 256
const VERSION = 1

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
  /** Bytes of unsaved content to keep in memory. */
  memory?: number
  /** Folder for the scratch file that more than that goes to. */
  scratch?: string
  /** Reads the file that a copied-up node had below. */
  origin?: (ino: number, at: number, length: number) => Uint8Array
}

interface Header {
  version: number
  root: number
  nextIno: number
  nextFile: number
  /** Numbers of the documents with the other nodes. */
  groups: number[]
  nodes: NodeDocument[]
}

export class TreeFs implements FileSystem {
  readonly type: string
  readonly root: number
  private readonly options: TreeFsOptions
  private readonly pool: PagePool
  private readonly nodes = new Map<number, TreeNode>()
  /** Where the data files are, once there are any. */
  private dataFolder: string | undefined
  private readonly dirty = new Set<number>()
  private readonly dirtyContents = new Set<TreeNode>()
  private readonly garbage: number[] = []
  private readonly saved = new Map<number, NodeDocument['data']>()
  private headerDirty = true
  private nextIno: number
  private nextFile = 1
  /** Number of nodes in each group. */
  private readonly groups: number[] = []
  private openGroup = 0
  private usedBytes = 0

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

  write(ino: number, offset: number, data: Uint8Array, now: number): void {
    const node = this.node(ino)
    const content = this.contentOf(node)
    if (data.length === 0) return
    this.resize(content.size, Math.max(content.size, offset + data.length))
    content.write(offset, data)
    this.changedContent(node, now)
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

  /** Bytes of what is not a directory, each inode once: an upper directory's SizeRw, a volume's size. */
  size(): number {
    let sum = 0
    for (const node of this.nodes.values()) if (!node.entries) sum += statOf(node, 0).size
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
    this.dirtyContents.add(node)
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
    return this.headerDirty || this.dirty.size > 0 || this.dirtyContents.size > 0 || this.garbage.length > 0
  }

  /**
   * Writes what changed since the last save (nothing when nothing did). When the transaction fails afterwards
   * this object no longer matches the store and must be dropped.
   */
  save(tx: Transaction, prefix: string): void {
    this.dataFolder = tx.locate(`${prefix}/data`)
    for (const node of this.dirtyContents) this.saveContent(tx, prefix, node)
    this.dirtyContents.clear()
    for (const file of this.garbage.splice(0)) tx.remove(`${prefix}/data/${file}`)
    if (this.dirty.size === 0 && !this.headerDirty) return
    const groups = new Map<number, NodeDocument[]>()
    for (const group of this.dirty) groups.set(group, [])
    groups.set(0, [])
    for (const node of this.nodes.values()) groups.get(node.group)?.push(nodeDocument(node, this.saved.get(node.ino)))
    for (const [group, nodes] of groups) {
      const path = `${prefix}/nodes/${group}.json`
      if (group > 0 && nodes.length > 0) tx.put(path, { version: VERSION, nodes })
      else if (group > 0) tx.remove(path)
    }
    const { root, nextIno, nextFile } = this
    const others = [...this.groups.keys()].filter(group => group > 0 && this.groups[group])
    const nodes = groups.get(0) ?? []
    const header: Header = { version: VERSION, root, nextIno, nextFile, groups: others, nodes }
    tx.put(`${prefix}/fs.json`, header)
    this.dirty.clear()
    this.headerDirty = false
  }

  /** Whether a file system is stored under a prefix. */
  static exists(store: StoreReader, prefix: string): boolean {
    return store.read(`${prefix}/fs.json`) !== undefined
  }

  /** Reads what `save` wrote; undefined when there is nothing. Pass the options that it was made with. */
  static load(store: StoreReader, prefix: string, options: TreeFsOptions = {}): TreeFs | undefined {
    const header = store.read<Header>(`${prefix}/fs.json`)
    if (!header) return undefined
    const fs = new TreeFs({ ...options, root: { ino: header.root } })
    fs.dataFolder = store.locate(`${prefix}/data`)
    fs.nodes.clear()
    fs.dirty.clear()
    fs.headerDirty = false
    fs.nextIno = header.nextIno
    fs.nextFile = header.nextFile
    const documents = header.nodes.map(document => ({ document, group: 0 }))
    for (const group of header.groups) {
      const stored = store.read<{ nodes: NodeDocument[] }>(`${prefix}/nodes/${group}.json`)
      for (const document of stored?.nodes ?? []) documents.push({ document, group })
    }
    fs.restore(documents)
    return fs
  }

  private restore(documents: { document: NodeDocument; group: number }[]): void {
    this.groups.length = 0
    for (const { document, group } of documents) {
      this.groups[group] = (this.groups[group] ?? 0) + 1
      const node = nodeOf(document, group)
      this.nodes.set(node.ino, node)
      if (node.type !== 'file') continue
      node.content = this.newContent(node.ino)
      if (!document.data) continue
      node.content.load(document.data)
      this.saved.set(node.ino, document.data)
      this.usedBytes += rounded(node.content.size)
    }
    for (const { document } of documents) {
      const node = this.nodes.get(document.ino)
      for (const [name, ino] of document.entries ?? []) {
        const child = this.nodes.get(ino)
        if (!node?.entries || !child) continue
        node.entries.set(name, child)
        if (child.entries) {
          child.parent = node
          node.nlink++
        } else child.nlink++
      }
    }
  }

  private saveContent(tx: Transaction, prefix: string, node: TreeNode): void {
    if (!node.content || !this.nodes.has(node.ino)) return
    const path = (file: number): string => `${prefix}/data/${file}`
    const data = node.content.save({
      newFile: () => this.nextFile++,
      append: (file, committed, bytes) => tx.append(path(file), committed, bytes),
      remove: file => tx.remove(path(file)),
    })
    this.saved.set(node.ino, data)
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
      group: this.joinGroup(),
    }
    if (type === 'dir') node.entries = new Map()
    if (type === 'file') node.content = this.newContent(ino)
    if (init.target !== undefined) node.target = init.target
    if (init.rdev) node.rdev = init.rdev
    this.nextIno = Math.max(this.nextIno, ino + 1)
    this.nodes.set(ino, node)
    this.headerDirty = true
    this.touch(node)
    return node
  }

  /** Counts a new node into a group with room. */
  private joinGroup(): number {
    const room = (group: number): boolean => (this.groups[group] ?? 0) < GROUP
    if (!room(this.openGroup)) {
      this.openGroup = 0
      while (!room(this.openGroup)) this.openGroup++
    }
    this.groups[this.openGroup] = (this.groups[this.openGroup] ?? 0) + 1
    return this.openGroup
  }

  private newContent(ino: number): FileContent {
    const source: ContentSource = {
      data: (file, at, length) => readDataFile(this.dataFolder ?? '', file, at, length),
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
    node.content?.discard(file => this.garbage.push(file))
    this.nodes.delete(node.ino)
    this.saved.delete(node.ino)
    this.dirtyContents.delete(node)
    this.groups[node.group] = (this.groups[node.group] ?? 1) - 1
    this.touch(node)
  }

  private resize(from: number, to: number): void {
    const used = this.usedBytes + rounded(to) - rounded(from)
    if (to > from && used > (this.options.limits?.bytes ?? Number.POSITIVE_INFINITY)) throw new Errno('ENOSPC')
    this.usedBytes = used
  }

  private changedContent(node: TreeNode, now: number): void {
    this.dirtyContents.add(node)
    this.stamp(node, now)
  }

  private stamp(node: TreeNode, now: number): void {
    node.mtime = now
    node.ctime = now
    this.touch(node)
  }

  private touch(node: TreeNode): void {
    this.dirty.add(node.group)
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
