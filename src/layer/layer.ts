/**
 * A layer's index in memory. Loading makes one quick pass over the entries, since every command that looks
 * into a container pays for it; what a directory contains is worked out when it is looked at.
 */
import { Errno } from '../vfs/errno.ts'
import type { LayerEntry, LayerIndex } from './layer-index.ts'
import { markerOf } from './whiteout.ts'

/** What reads layers' tars: the content store. Digests are `sha256:<hex>`. */
export interface BlobReader {
  /** `length` bytes from `offset`; fewer only at the end of the blob. */
  readAt(digest: string, offset: number, length: number): Uint8Array
}

/** An entry in its place. */
export interface LayerNode {
  /** Number of the node in its layer, the same in every process; the root is 0. */
  readonly index: number
  /** Relative to the root; '' is the root. */
  readonly path: string
  /** Attributes and bytes. Of a hard link: those of the entry that it is another name of. */
  readonly entry: LayerEntry
  readonly directory?: LayerDirectory
  /** Set when the file has several names in this layer. */
  readonly links?: LinkGroup
}

export interface LayerDirectory {
  /** Entries by name, without whiteouts. */
  readonly children: ReadonlyMap<string, LayerNode>
  /** Names that it hides in the layers below, and whether it hides them all. */
  readonly whiteouts: ReadonlySet<string>
  readonly opaque: boolean
}

/** Hard links: a number that they all report, and how many they are. */
export interface LinkGroup {
  /** Number of the group in its layer, from 0. */
  readonly index: number
  readonly count: number
}

export class Layer {
  readonly diffID: string
  readonly size: number
  readonly index: LayerIndex
  /** Number of nodes, and of groups of hard links. */
  readonly nodeCount: number
  readonly groupCount: number
  private readonly blobs: BlobReader
  private readonly directories = new Map<string, Directory>()
  private readonly implied: Directory[] = []
  /** Groups of hard links by the path of the entry that has the bytes. */
  private readonly groups = new Map<string, LinkGroup & { file?: LayerEntry }>()
  private readonly nodes = new Map<number, LayerNode>()

  constructor(index: LayerIndex, blobs: BlobReader) {
    this.diffID = index.diffID
    this.size = index.size
    this.index = index
    this.blobs = blobs
    let dir = ''
    let parent = this.directory('')
    for (let at = 0; at < index.entries.length; at++) {
      const entry = index.entries[at]
      if (!entry) continue
      const { path, type } = entry
      // Entries mostly follow one another in a directory.
      const slash = path.lastIndexOf('/')
      if (Math.max(0, slash) !== dir.length || !path.startsWith(dir)) {
        dir = slash < 0 ? '' : path.slice(0, slash)
        parent = this.directory(dir)
      }
      if (type === 'dir') this.directory(path).entry = at
      if (type === 'link') this.addLink(entry.target ?? '')
      if (path !== '') parent.items.push(at)
    }
    for (const directory of this.directories.values())
      if (directory.entry === undefined && directory.path !== '') this.implied.push(directory)
    for (const [at, directory] of this.implied.entries()) directory.impliedIndex = index.entries.length + 1 + at
    this.nodeCount = 1 + index.entries.length + this.implied.length
    this.groupCount = this.groups.size
  }

  get root(): LayerNode {
    return this.node(0)
  }

  /** The node at a path relative to the root ('' is the root); undefined when this layer has none. */
  get(path: string): LayerNode | undefined {
    const directory = this.directories.get(path)
    if (directory) return this.node(this.indexOf(directory))
    const slash = path.lastIndexOf('/')
    return this.children(slash < 0 ? '' : path.slice(0, slash))?.get(path.slice(slash + 1))
  }

  /** The visible entries of a directory by name; undefined when it is none. */
  children(path: string): ReadonlyMap<string, LayerNode> | undefined {
    return this.get(path)?.directory?.children
  }

  /** The node with a number. */
  node(index: number): LayerNode {
    const known = this.nodes.get(index)
    if (known) return known
    const node = this.makeNode(index)
    this.nodes.set(index, node)
    return node
  }

  /** The file with the number of a group of hard links; undefined if there is none. */
  linked(group: number): LayerNode | undefined {
    for (const [path, { index }] of this.groups) if (index === group) return this.get(path)
    return undefined
  }

  /** At most `length` bytes of a file's content from `offset`. */
  read(node: LayerNode, offset: number, length: number): Uint8Array {
    return readEntry(node.entry, this.diffID, this.blobs, offset, length)
  }

  private makeNode(index: number): LayerNode {
    const { entries } = this.index
    const implied = index === 0 ? this.directory('') : this.implied[index - entries.length - 1]
    const entry = index === 0 ? entries[implied?.entry ?? -1] : entries[index - 1]
    if (implied) return this.directoryNode(index, entry ?? this.impliedEntry(implied), implied)
    if (!entry) throw new Errno('ENOENT')
    const { path } = entry
    if (entry.type === 'dir') return this.directoryNode(index, entry, this.directory(path))
    const links = this.groups.get(entry.type === 'link' ? (entry.target ?? '') : path)
    if (entry.type !== 'link') return links ? { index, path, entry, links } : { index, path, entry }
    const file = this.fileOf(entry.target ?? '')
    if (!file || !links) throw new Errno('EIO')
    return { index, path, entry: file, links }
  }

  /** The entry that hard links to `path` are names of. */
  private fileOf(path: string): LayerEntry | undefined {
    const group = this.groups.get(path)
    if (!group) return undefined
    if (!group.file) {
      const slash = path.lastIndexOf('/')
      const items = this.directories.get(slash < 0 ? '' : path.slice(0, slash))?.items ?? []
      const file = items.map(at => this.index.entries[at]).find(entry => entry?.path === path)
      if (!file || file.type === 'link' || file.type === 'dir') return undefined
      group.file = file
    }
    return group.file
  }

  private directoryNode(index: number, entry: LayerEntry, directory: Directory): LayerNode {
    const listing = (): LayerDirectory => this.listing(directory)
    return {
      index,
      path: directory.path,
      entry,
      get directory() {
        return listing()
      },
    }
  }

  private listing(directory: Directory): LayerDirectory {
    if (directory.listing) return directory.listing
    const children = new Map<string, LayerNode>()
    const whiteouts = new Set<string>()
    let opaque = false
    const nameAt = directory.path === '' ? 0 : directory.path.length + 1
    for (const at of directory.items) {
      const entry = this.index.entries[at]
      if (!entry) continue
      const name = entry.path.slice(nameAt)
      const marker = name.charCodeAt(0) === 46 ? markerOf(name) : undefined
      if (!marker) children.set(name, this.node(at + 1))
      else if (marker.kind === 'opaque') opaque = true
      else if (marker.kind === 'whiteout') whiteouts.add(marker.name)
    }
    for (const below of directory.subdirectories)
      if (below.impliedIndex !== undefined) children.set(below.path.slice(nameAt), this.node(below.impliedIndex))
    directory.listing = { children, whiteouts, opaque }
    return directory.listing
  }

  /** A directory without an entry of its own is 0755 root, as Docker makes it; its time is that of what is in it. */
  private impliedEntry({ path, items, subdirectories }: Directory): LayerEntry {
    const first = this.index.entries[items[0] ?? subdirectories[0]?.items[0] ?? 0]
    return { path, type: 'dir', mode: 0o755, mtime: first?.mtime ?? 0 }
  }

  private indexOf({ path, entry, impliedIndex }: Directory): number {
    if (path === '') return 0
    return entry === undefined ? (impliedIndex ?? 0) : entry + 1
  }

  private addLink(target: string): void {
    const group = this.groups.get(target)
    this.groups.set(target, { index: group?.index ?? this.groups.size, count: (group?.count ?? 1) + 1 })
  }

  private directory(path: string): Directory {
    const known = this.directories.get(path)
    if (known) return known
    const made: Directory = { path, items: [], subdirectories: [] }
    this.directories.set(path, made)
    if (path !== '') this.directory(path.slice(0, Math.max(0, path.lastIndexOf('/')))).subdirectories.push(made)
    return made
  }
}

interface Directory {
  readonly path: string
  /** Numbers of the entries in it. */
  readonly items: number[]
  readonly subdirectories: Directory[]
  /** Number of its own entry, or of its node when it has none. */
  entry?: number
  impliedIndex?: number
  listing?: LayerDirectory
}

/** At most `length` bytes of an entry's content from `offset`: of the tar `diffID`, or of the entry's own head and zeros. */
export function readEntry(
  entry: LayerEntry,
  diffID: string,
  blobs: BlobReader,
  offset: number,
  length: number,
): Uint8Array {
  const count = Math.max(0, Math.min(length, (entry.size ?? 0) - offset))
  if (count === 0) return new Uint8Array(0)
  if (entry.offset !== undefined) return blobs.readAt(diffID, entry.offset + offset, count)
  const head = headBytes(entry)
  if (offset + count <= head.length) return head.subarray(offset, offset + count)
  const out = new Uint8Array(count)
  if (offset < head.length) out.set(head.subarray(offset, Math.min(head.length, offset + count)))
  return out
}

/** The inline bytes of an entry, which zeros follow up to its size. */
export function headBytes(entry: LayerEntry): Uint8Array {
  return entry.text === undefined ? Buffer.from(entry.base64 ?? '', 'base64') : Buffer.from(entry.text, 'utf8')
}
