/**
 * What each layer of an image adds, changes and removes, and what of it is wasted. The score is dive's (dive/filetree
 * efficiency.go): what every path needs at least, over what the layers spend on it together.
 */
import type { LayerEntry, LayerIndex } from '../layer/layer-index.ts'
import { markerOf } from '../layer/whiteout.ts'

export interface LayerReport {
  diffID: string
  /** The instruction that made it; '' when the history does not say. */
  createdBy: string
  /** Numbers of files, symlinks and devices; folders are not counted. */
  added: number
  changed: number
  removed: number
  /** Bytes of its files. */
  size: number
  /** Bytes of its files that a later layer overwrites or removes. */
  wasted: number
}

export interface ImageReport {
  layers: LayerReport[]
  size: number
  wasted: number
  /** 1: no path is spent more on than it needs at least. */
  efficiency: number
}

/** A file as the layers up to now leave it: its bytes, and the layer they are in. */
interface Present {
  size: number
  layer: number
}

interface Path {
  spent: number
  least: number
}

/** @param layers  lowest first, each with its instruction */
export function layerReport(layers: readonly { index: LayerIndex; createdBy: string }[]): ImageReport {
  const present = new Map<string, Present>()
  const paths = new Map<string, Path>()
  const reports: LayerReport[] = []
  const spend = (path: string, bytes: number): void => {
    const known = paths.get(path)
    if (!known) paths.set(path, { spent: bytes, least: bytes })
    else {
      known.spent += bytes
      known.least = Math.min(known.least, bytes)
    }
  }
  const drop = (path: string): Present | undefined => {
    const gone = present.get(path)
    if (!gone) return undefined
    present.delete(path)
    const owner = reports[gone.layer]
    if (owner) owner.wasted += gone.size
    return gone
  }
  for (const [at, { index, createdBy }] of layers.entries()) {
    const report: LayerReport = {
      diffID: index.diffID,
      createdBy,
      added: 0,
      changed: 0,
      removed: 0,
      size: 0,
      wasted: 0,
    }
    reports.push(report)
    const removed = new Set<string>()
    for (const target of hidden(index.entries)) {
      const { count, bytes, wasFolder } = removeAll(target, present, drop, removed)
      report.removed += count
      // A removed folder counts with what was in it, a removed file with nothing.
      if (!target.endsWith('/')) spend(target, wasFolder ? bytes : 0)
    }
    for (const entry of index.entries) {
      if (entry.type === 'dir' || markerOf(baseName(entry.path))) continue
      const size = entry.type === 'file' ? (entry.size ?? 0) : 0
      const before = drop(entry.path) ?? removed.has(entry.path)
      if (removed.has(entry.path)) report.removed--
      if (before) report.changed++
      else report.added++
      report.size += size
      present.set(entry.path, { size, layer: at })
      spend(entry.path, size)
    }
  }
  const sum = (list: Iterable<Path>, of: (path: Path) => number): number =>
    [...list].reduce((all, path) => all + of(path), 0)
  const spent = sum(paths.values(), path => path.spent)
  return {
    layers: reports,
    size: reports.reduce((all, { size }) => all + size, 0),
    wasted: reports.reduce((all, { wasted }) => all + wasted, 0),
    efficiency: spent === 0 ? 1 : sum(paths.values(), path => path.least) / spent,
  }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

/** What a layer's whiteouts hide: a path, or a folder's contents as a path that ends with a slash. */
function hidden(entries: readonly LayerEntry[]): string[] {
  return entries.flatMap(({ path }) => {
    const marker = markerOf(baseName(path))
    if (marker?.kind === 'whiteout') return [folderOf(path) + marker.name]
    return marker?.kind === 'opaque' ? [folderOf(path)] : []
  })
}

function removeAll(
  target: string,
  present: ReadonlyMap<string, Present>,
  drop: (path: string) => Present | undefined,
  removed: Set<string>,
): { count: number; bytes: number; wasFolder: boolean } {
  const folder = target.endsWith('/') || target === '' ? target : `${target}/`
  const wasFolder = !present.has(target)
  const gone = wasFolder ? [...present.keys()].filter(path => path.startsWith(folder)) : [target]
  let bytes = 0
  for (const path of gone) {
    bytes += drop(path)?.size ?? 0
    removed.add(path)
  }
  return { count: gone.length, bytes, wasFolder }
}
