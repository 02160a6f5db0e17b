/**
 * The merged view of a stack of layers, read-only: the lower side of an overlay. Inode numbers depend on
 * nothing but the layers, so they are the same in every process.
 *
 * Each name of a hard-linked file has a number of its own as handle, since writing to one name breaks it off
 * the others (overlayfs without an index); what `stat` reports is one number for all of them.
 */
import { Errno } from '../vfs/errno.ts'
import type { Stat } from '../vfs/filesystem.ts'
import { nameBytes } from '../vfs/name-codec.ts'
import { Layer, type LayerNode } from './layer.ts'
import type { LayerEntry } from './layer-index.ts'

interface Part {
  layer: Layer
  base: number
  node: LayerNode
}

export class LowerTree {
  /** Layers, top first. */
  readonly layers: readonly Layer[]
  readonly root: number
  /** All inode numbers here are below this one. */
  readonly limit: number
  /** First number of each layer, top first (so: descending). */
  private readonly bases: number[]
  /** The directories of the layers that each merged directory consists of, top first. */
  private readonly parts = new Map<number, Part[]>()
  private readonly merged = new Map<number, Map<string, number>>()
  private readonly stats = new Map<number, Stat>()
  /** Of each directory and file met so far: its directory and name. */
  private readonly places = new Map<number, { dir: number; name: string }>()

  constructor(stack: readonly Layer[]) {
    const layers = stack.length > 0 ? stack : [emptyLayer]
    this.layers = layers
    let next = 2
    this.bases = layers
      .toReversed()
      .map(layer => {
        const base = next
        next += layer.nodeCount + layer.groupCount
        return base
      })
      .toReversed()
    this.limit = next
    this.root = this.bases[0] ?? 2
    this.parts.set(
      this.root,
      visibleParts(layers.map((layer, at) => ({ layer, base: this.bases[at] ?? 0, node: layer.root }))),
    )
  }

  /** The entries of a merged directory; not to be changed. Empty for what is no directory. */
  children(dir: number): ReadonlyMap<string, number> {
    const known = this.merged.get(dir)
    if (known) return known
    // The way to a directory that was copied up leads through the upper, past everything that is merged here.
    if (!this.parts.has(dir)) this.walkTo(dir)
    const children = new Map<string, number>()
    const hidden = new Set<string>()
    const below = new Map<string, Part[]>()
    for (const { layer, base, node } of this.parts.get(dir) ?? []) {
      for (const [name, child] of node.directory?.children ?? []) {
        if (hidden.has(name)) continue
        const part = { layer, base, node: child }
        const stack = below.get(name)
        if (stack?.at(-1)?.node.directory) stack.push(part)
        else if (!stack) {
          children.set(name, base + child.index)
          below.set(name, [part])
        }
      }
      for (const name of node.directory?.whiteouts ?? []) hidden.add(name)
    }
    for (const [name, stack] of below) {
      const ino = children.get(name)
      if (ino === undefined) continue
      this.places.set(ino, { dir, name })
      if (stack[0]?.node.directory) this.parts.set(ino, visibleParts(stack))
    }
    this.merged.set(dir, children)
    return children
  }

  child(dir: number, name: string): number | undefined {
    return this.children(dir).get(name)
  }

  /** Where a number that was looked up before lies: its directory and name; undefined for the root. */
  placeOf(ino: number): { dir: number; name: string } | undefined {
    if (ino !== this.root && !this.places.has(ino)) this.walkTo(ino)
    return this.places.get(ino)
  }

  entry(ino: number): LayerEntry {
    return this.find(ino).node.entry
  }

  stat(ino: number): Stat {
    const known = this.stats.get(ino)
    if (known) return known
    const stat = this.makeStat(ino)
    this.stats.set(ino, stat)
    return stat
  }

  read(ino: number, offset: number, length: number): Uint8Array {
    const { layer, node } = this.find(ino)
    return layer.read(node, offset, length)
  }

  private makeStat(ino: number): Stat {
    const { base, layer, node } = this.find(ino)
    const { entry, links } = node
    const time = entry.mtime * 1000
    const stat: Stat = {
      ino: links ? base + layer.nodeCount + links.index : ino,
      type: entry.type === 'link' ? 'file' : entry.type,
      mode: entry.mode,
      uid: entry.uid ?? 0,
      gid: entry.gid ?? 0,
      size: sizeOf(entry),
      nlink: entry.type === 'dir' ? this.directoryLinks(ino) : (links?.count ?? 1),
      mtime: time,
      atime: time,
      ctime: time,
    }
    return entry.rdev ? { ...stat, rdev: entry.rdev } : stat
  }

  /** A directory that comes from one layer counts its subdirectories; a merged one says 1, as overlayfs does. */
  private directoryLinks(ino: number): number {
    if (this.parts.get(ino)?.length !== 1) return 1
    let links = 2
    for (const child of this.children(ino).values()) if (this.entry(child).type === 'dir') links++
    return links
  }

  private find(ino: number): Part {
    const known = this.parts.get(ino)?.[0]
    if (known) return known
    for (const [at, base] of this.bases.entries()) {
      const layer = this.layers[at]
      if (!layer || ino < base) continue
      if (ino < base + layer.nodeCount) return { layer, base, node: layer.node(ino - base) }
      // The number that names of a hard-linked file report is good for looking at it, too.
      const node = layer.linked(ino - base - layer.nodeCount)
      if (node) return { layer, base, node }
    }
    throw new Errno('ENOENT')
  }

  /** Looks up the way from the root to a number that this process has not met yet. */
  private walkTo(ino: number): void {
    let at = this.root
    for (const name of this.find(ino).node.path.split('/')) {
      const next = this.child(at, name)
      if (next === undefined) return
      at = next
    }
  }
}

/** A scratch image has no layer at all. */
const emptyLayer = new Layer(
  { version: 1, diffID: '', tar: 'made', tarSize: 0, size: 0, entries: [] },
  { readAt: () => new Uint8Array(0) },
)

/** The directories that show: down to the first that is opaque, or to what is no directory. */
function visibleParts(stack: readonly Part[]): Part[] {
  const end = stack.findIndex(part => !part.node.directory)
  const directories = end < 0 ? stack : stack.slice(0, end)
  const opaque = directories.findIndex(part => part.node.directory?.opaque)
  return opaque < 0 ? [...directories] : directories.slice(0, opaque + 1)
}

function sizeOf(entry: LayerEntry): number {
  if (entry.type === 'dir') return 4096
  return entry.type === 'symlink' ? nameBytes(entry.target ?? '') : (entry.size ?? 0)
}
