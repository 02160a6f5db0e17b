/** Files as tars: an overlay's upper as a layer (commit), and a tree of files as it is seen (export, cp). */
import type { FileSystem, Stat } from '../vfs/filesystem.ts'
import type { Place } from '../vfs/mounts.ts'
import { encodeName } from '../vfs/name-codec.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import type { OverlayFs } from './overlay.ts'
import type { TarHeader } from './tar-header.ts'
import type { TarEntry } from './tar-writer.ts'
import { OPAQUE, WHITEOUT_PREFIX } from './whiteout.ts'

const PIECE = 1 << 20

/** What an overlay's upper changes, as the entries of an OCI layer, in the order of moby's tar (names sorted in each directory). */
export function* upperEntries(overlay: OverlayFs): Generator<TarEntry, void, undefined> {
  yield* upperDirectory(overlay, overlay.root, '', new Map())
}

/**
 * A file or a directory with all that is in it, through mounts, as tar entries. `name` is what `path` is called
 * in the tar; with '' a directory's contents stand at the top of it and the directory itself is left out.
 * Symlinks are not followed, but for `path` itself when `follow` is set. Times are whole seconds, as Docker's
 * tars have them, unless `exactTimes` is set.
 */
export function* treeEntries(
  root: RootFs,
  path: string,
  name: string,
  options: { follow?: boolean; exactTimes?: boolean } = {},
): Generator<TarEntry, void, undefined> {
  const place = root.walk(path, { follow: options.follow ?? false })
  yield* placeEntries(root, place, name, new Map(), options.exactTimes ?? false)
}

function* placeEntries(
  root: RootFs,
  place: Place,
  name: string,
  links: Map<string, string>,
  exactTimes: boolean,
): Generator<TarEntry, void, undefined> {
  const { mount, ino } = place
  const stat = mount.fs.stat(ino)
  if (name !== '' || stat.type !== 'dir') {
    const entry = fileEntry(mount.fs, ino, stat, name, links, `${mount.id}:`)
    if (exactTimes) entry.header.mtime = stat.mtime / 1000
    yield entry
  }
  if (stat.type !== 'dir') return
  for (const child of sortedNames(mount.fs.readdir(ino).map(entry => entry.name))) {
    const next = root.walk(place.path === '/' ? `/${child}` : `${place.path}/${child}`, { follow: false })
    yield* placeEntries(root, next, name === '' || name === '/' ? name + child : `${name}/${child}`, links, exactTimes)
  }
}

function* upperDirectory(
  overlay: OverlayFs,
  dir: number,
  path: string,
  links: Map<string, string>,
): Generator<TarEntry, void, undefined> {
  const node = overlay.upper.peek(dir)
  if (!node?.entries) return
  const hidden = new Set([...(node.whiteouts ?? [])].filter(name => !node.entries?.has(name)))
  for (const name of sortedNames([...node.entries.keys(), ...hidden])) {
    if (hidden.has(name)) {
      yield marker(`${path}${WHITEOUT_PREFIX}${name}`, 0o600, seconds(node.mtime))
      continue
    }
    const child = node.entries.get(name)
    if (!child) continue
    const stat = overlay.stat(child.ino)
    yield fileEntry(overlay.upper, child.ino, stat, path + name, links, '', child.xattrs)
    if (stat.type !== 'dir') continue
    const replaces = overlay.showsLower(dir) && overlay.lower.child(dir, name) !== undefined
    if (replaces && !overlay.showsLower(child.ino)) {
      const { header } = marker(`${path}${name}/${OPAQUE}`, stat.mode & 0o777, 0)
      yield { header: { ...header, uid: stat.uid, gid: stat.gid } }
    }
    yield* upperDirectory(overlay, child.ino, `${path}${name}/`, links)
  }
}

function marker(path: string, mode: number, mtime: number): TarEntry {
  return { header: { path, type: 'file', mode, mtime } }
}

/** `links` knows the path under which each file with several names was written first; `device` tells file systems apart. */
function fileEntry(
  fs: FileSystem,
  ino: number,
  stat: Stat,
  path: string,
  links: Map<string, string>,
  device: string,
  xattrs?: TarHeader['xattrs'],
): TarEntry {
  const { type, mode, uid, gid, size, rdev, nlink } = stat
  const header: TarHeader = { path, type, mode, uid, gid, mtime: seconds(stat.mtime) }
  if (xattrs) header.xattrs = xattrs
  if (type !== 'dir' && nlink > 1) {
    const first = links.get(device + stat.ino)
    if (first !== undefined) return { header: { ...header, type: 'link', target: first } }
    links.set(device + stat.ino, path)
  }
  if (type === 'symlink') header.target = fs.readlink(ino)
  if (rdev) header.rdev = rdev
  if (type !== 'file') return { header }
  header.size = size
  return { header, content: contentOf(fs, ino, size) }
}

function* contentOf(fs: FileSystem, ino: number, size: number): Generator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < size; ) {
    const piece = fs.read(ino, offset, Math.min(PIECE, size - offset))
    if (piece.length === 0) return
    yield piece
    offset += piece.length
  }
}

/** Whole seconds, as Docker writes times. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}

/** By the bytes of the names, as Go sorts. */
function sortedNames(names: string[]): string[] {
  const plain = names.every(name => !/[^\0-\x7f]/.test(name))
  return plain ? names.sort() : names.sort((a, b) => Buffer.compare(encodeName(a), encodeName(b)))
}
