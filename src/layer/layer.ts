/** A layer's index in memory: entries by path, and what each directory contains. */
import { Errno } from '../vfs/errno.ts'
import type { LayerEntry, LayerIndex } from './layer-index.ts'
import { markerOf } from './whiteout.ts'

/** What reads layers' tars: the content store. Digests are `sha256:<hex>`. */
export interface BlobReader {
  /** `length` bytes from `offset`; fewer only at the end of the blob. */
  readAt(digest: string, offset: number, length: number): Uint8Array
}

/** An entry in its place. Directories that only other entries' paths imply are 0755 root, as Docker makes them. */
export interface LayerNode {
  /** Number of the node in its layer; the root is 0. */
  readonly index: number
  /** Relative to the root; '' is the root. */
  readonly path: string
  /** Attributes and bytes. Of a hard link: those of the entry that it is another name of. */
  entry: LayerEntry
  /** Of a directory: its visible entries. */
  children?: Map<string, LayerNode>
  /** Names that it hides in the layers below, and whether it hides them all. */
  whiteouts?: Set<string>
  opaque?: boolean
  /** Names of the same file in this layer, when there are more than one. */
  links?: LinkGroup
}

/** Hard links: the number that they all report, and how many they are. */
export interface LinkGroup {
  /** Number of the group in its layer, from 0. */
  readonly index: number
  count: number
}

export class Layer {
  readonly diffID: string
  readonly size: number
  readonly index: LayerIndex
  readonly root: LayerNode
  /** Number of nodes, and of groups of hard links. */
  readonly nodeCount: number
  readonly groupCount: number
  private readonly byPath = new Map<string, LayerNode>()
  private readonly nodes: LayerNode[] = []
  private readonly blobs: BlobReader

  constructor(index: LayerIndex, blobs: BlobReader) {
    this.diffID = index.diffID
    this.size = index.size
    this.index = index
    this.blobs = blobs
    this.root = this.directory('', { path: '', type: 'dir', mode: 0o755, mtime: index.entries[0]?.mtime ?? 0 })
    let groups = 0
    for (const entry of index.entries) {
      if (entry.path === '') {
        this.root.entry = entry
        continue
      }
      const slash = entry.path.lastIndexOf('/')
      const name = entry.path.slice(slash + 1)
      const parent = this.implied(slash < 0 ? '' : entry.path.slice(0, slash), entry.mtime)
      const marker = name.charCodeAt(0) === 46 ? markerOf(name) : undefined
      if (marker) {
        if (marker.kind === 'opaque') parent.opaque = true
        else if (marker.kind === 'whiteout') {
          parent.whiteouts ??= new Set()
          parent.whiteouts.add(marker.name)
        }
      } else groups += this.place(parent, name, entry, groups)
    }
    this.nodeCount = this.nodes.length
    this.groupCount = groups
  }

  /** The node at a path relative to the root ('' is the root); undefined when this layer has none. */
  get(path: string): LayerNode | undefined {
    return this.byPath.get(path)
  }

  /** The visible entries of a directory by name; undefined when it is none. */
  children(path: string): ReadonlyMap<string, LayerNode> | undefined {
    return this.byPath.get(path)?.children
  }

  /** The node with a number. */
  node(index: number): LayerNode {
    const node = this.nodes[index]
    if (!node) throw new Errno('ENOENT')
    return node
  }

  /** At most `length` bytes of a file's content from `offset`. */
  read(node: LayerNode, offset: number, length: number): Uint8Array {
    return readEntry(node.entry, this.diffID, this.blobs, offset, length)
  }

  /** Puts a node in its place; returns how many groups of links it started. */
  private place(parent: LayerNode, name: string, entry: LayerEntry, groups: number): number {
    const { path } = entry
    const known = this.byPath.get(path)
    if (entry.type === 'dir') {
      if (known?.children) known.entry = entry
      else parent.children?.set(name, this.directory(path, entry))
      return 0
    }
    let started = 0
    const node: LayerNode = { index: this.nodes.length, path, entry }
    if (entry.type === 'link') {
      const target = this.byPath.get(entry.target ?? '')
      if (!target || target.children) return 0
      if (!target.links) {
        target.links = { index: groups, count: 1 }
        started = 1
      }
      target.links.count++
      node.entry = target.entry
      node.links = target.links
    }
    this.nodes.push(node)
    this.byPath.set(path, node)
    parent.children?.set(name, node)
    return started
  }

  private implied(path: string, mtime: number): LayerNode {
    const known = this.byPath.get(path)
    if (known) return known
    const slash = path.lastIndexOf('/')
    const parent = this.implied(slash < 0 ? '' : path.slice(0, slash), mtime)
    const node = this.directory(path, { path, type: 'dir', mode: 0o755, mtime })
    parent.children?.set(path.slice(slash + 1), node)
    return node
  }

  private directory(path: string, entry: LayerEntry): LayerNode {
    const node: LayerNode = { index: this.nodes.length, path, entry, children: new Map() }
    this.nodes.push(node)
    this.byPath.set(path, node)
    return node
  }
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
  if (offset < head.length) out.set(head.subarray(offset))
  return out
}

/** The inline bytes of an entry, which zeros follow up to its size. */
export function headBytes(entry: LayerEntry): Uint8Array {
  return entry.text === undefined ? Buffer.from(entry.base64 ?? '', 'base64') : Buffer.from(entry.text, 'utf8')
}
