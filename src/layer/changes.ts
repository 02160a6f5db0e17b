/**
 * `docker diff`: what a container's files differ in from the image's. As Docker does it, trees are compared,
 * not histories: a file that was touched without effect is no change, nor is a directory's new time.
 */
import type { Stat } from '../vfs/filesystem.ts'
import type { OverlayFs } from './overlay.ts'

/** C modified, A added, D deleted. */
export type ChangeKind = 'C' | 'A' | 'D'

export interface Change {
  kind: ChangeKind
  /** Absolute. */
  path: string
}

/** The changes of an overlay against its layers, sorted by path. A directory with changes in it is itself a `C`. */
export function changes(overlay: OverlayFs): Change[] {
  const list: Change[] = []
  compare(overlay, overlay.root, overlay.lower.root, '', list)
  return list.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Adds the changes in a directory against the one below it; without one everything is new. */
function compare(overlay: OverlayFs, dir: number, below: number | undefined, path: string, list: Change[]): void {
  const old: ReadonlyMap<string, number> = below === undefined ? new Map() : overlay.lower.children(below)
  const current = new Set<string>()
  for (const { name } of overlay.readdir(dir)) {
    current.add(name)
    const ino = overlay.lookup(dir, name)
    const oldIno = old.get(name)
    // What has never been copied up is as it was, with all that is in it.
    if (ino === undefined || (ino === oldIno && !overlay.upper.peek(ino))) continue
    const stat = overlay.stat(ino)
    const oldStat = oldIno === undefined ? undefined : overlay.lower.stat(oldIno)
    const change: Change = { kind: oldStat ? 'C' : 'A', path: `${path}/${name}` }
    const at = list.length
    const differs = !oldStat || isDifferent(oldStat, stat)
    if (differs) list.push(change)
    if (stat.type !== 'dir') continue
    compare(overlay, ino, oldStat?.type === 'dir' ? oldIno : undefined, change.path, list)
    if (!differs && list.length > at) list.push(change)
  }
  for (const name of old.keys()) if (!current.has(name)) list.push({ kind: 'D', path: `${path}/${name}` })
}

/** moby's statDifferent: a directory's size and time do not count. */
function isDifferent(before: Stat, after: Stat): boolean {
  if (before.type !== after.type || before.mode !== after.mode) return true
  if (before.uid !== after.uid || before.gid !== after.gid) return true
  if (before.rdev?.[0] !== after.rdev?.[0] || before.rdev?.[1] !== after.rdev?.[1]) return true
  return after.type !== 'dir' && (before.mtime !== after.mtime || before.size !== after.size)
}
