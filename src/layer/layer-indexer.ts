/**
 * Makes a layer's index from the entries of its tar, as Docker's extraction would place them: paths are
 * cleaned, symlinked directories of the layer are followed inside the root, and what cannot be extracted is
 * refused with Docker's words (observed with `docker import` of version 28.5).
 */
import { invalid } from '../errors.ts'
import { nameBytes } from '../vfs/name-codec.ts'
import type { LayerEntry } from './layer-index.ts'
import type { TarHeader } from './tar-header.ts'
import type { TarHandler } from './tar-reader.ts'
import { markerOf, WHITEOUT_PREFIX } from './whiteout.ts'

const MAX_LINKS = 40
const PATH_MAX = 4096
const NAME_MAX = 255

export class LayerIndexer implements TarHandler {
  /** Entries by their final path, in the order of the tar. */
  private readonly entries = new Map<string, LayerEntry>()
  private readonly seen = new Set<string>()
  /** Directories that are only implied by what is in them. */
  private readonly implied = new Set<string>()

  entry(header: TarHeader, offset: number): void {
    const written = header.type === 'dir' ? `${header.path}/` : header.path
    const path = cleanPath(written)
    if (path === undefined) throw invalid(`invalid entry name ${JSON.stringify(written)}`)
    if (this.seen.has(path)) throw invalid('duplicates of file paths not supported')
    this.seen.add(path)
    if (path === '') {
      if (header.type === 'dir') this.entries.set('', { ...header, path: '' })
      return
    }
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    if (nameBytes(name) > NAME_MAX || nameBytes(path) >= PATH_MAX) throw invalid(`openat ${path}: file name too long`)
    const dir = this.resolve(slash < 0 ? '' : path.slice(0, slash), path)
    this.implyDirectories(dir)
    const place = dir === '' ? name : `${dir}/${name}`
    const marker = markerOf(name)
    if (marker?.kind === 'ignored') return
    if (marker) {
      this.addMarker(header, dir, place, name, path)
      return
    }
    this.clear(place, header.type === 'dir')
    this.entries.set(place, this.placed(header, place, offset))
  }

  /** The index's entries, and their size on disk as Docker counts it. */
  finish(): { entries: LayerEntry[]; size: number } {
    const entries = [...this.entries.values()]
    const size = entries.reduce((sum, entry) => sum + (entry.type === 'link' ? 0 : sizeOnDisk(entry)), 0)
    return { entries, size }
  }

  private placed(header: TarHeader, path: string, offset: number): LayerEntry {
    if (header.type === 'link') return { ...header, path, target: this.linkTarget(header.target ?? '', path) }
    return header.type === 'file' && header.size ? { ...header, path, offset } : { ...header, path }
  }

  private addMarker(header: TarHeader, dir: string, place: string, name: string, path: string): void {
    const hidden = name.slice(WHITEOUT_PREFIX.length)
    if (hidden === '' || hidden === '.' || hidden === '..')
      throw invalid(`invalid whiteout entry ${JSON.stringify(path)}`)
    const target = dir === '' ? hidden : `${dir}/${hidden}`
    if (this.entries.has(target) || this.implied.has(target))
      throw invalid(`failed to mknod('${target}', S_IFCHR, 0): file exists`)
    this.entries.set(place, { path: place, type: 'file', mode: header.mode, mtime: header.mtime })
  }

  /** The path of the entry that a hard link names, which must be there already. */
  private linkTarget(written: string, path: string): string {
    const clean = cleanPath(written)
    if (clean === undefined) throw invalid(`invalid hardlink target ${JSON.stringify(written)}`)
    const slash = clean.lastIndexOf('/')
    const dir = this.resolve(slash < 0 ? '' : clean.slice(0, slash), clean)
    const name = clean.slice(slash + 1)
    const target = dir === '' ? name : `${dir}/${name}`
    const entry = this.entries.get(target)
    if (target === '' || this.implied.has(target) || entry?.type === 'dir')
      throw invalid(`linkat ${clean} ${path}: operation not permitted`)
    if (!entry) throw invalid(`linkat ${clean} ${path}: no such file or directory`)
    return entry.type === 'link' ? (entry.target ?? '') : target
  }

  /** Where a directory's path leads through the layer's symlinks. Never out of the root. */
  private resolve(dir: string, path: string): string {
    let at = ''
    let links = 0
    const rest = dir === '' ? [] : dir.split('/').reverse()
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '' || name === '.') continue
      if (name === '..') {
        if (at === '') throw invalid(`statat ${dir}: path escapes from parent`)
        at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
        continue
      }
      const next = at === '' ? name : `${at}/${name}`
      const known = this.entries.get(next)
      const entry = known?.type === 'link' ? this.entries.get(known.target ?? '') : known
      if (entry?.type === 'symlink') {
        if (++links > MAX_LINKS) throw invalid(`statat ${dir}: too many levels of symbolic links`)
        const target = entry.target ?? ''
        if (target.startsWith('/')) at = ''
        rest.push(...target.split('/').reverse())
      } else if (entry && entry.type !== 'dir') throw invalid(`openat ${path}: not a directory`)
      else at = next
    }
    return at
  }

  private implyDirectories(dir: string): void {
    for (
      let path = dir;
      path !== '' && !this.implied.has(path);
      path = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    )
      this.implied.add(path)
  }

  /** Removes what was at a path before, unless both are directories, which merge. */
  private clear(path: string, isDir: boolean): void {
    const old = this.entries.get(path)
    if (this.implied.has(path) || old?.type === 'dir') {
      if (isDir) return
      for (const below of [...this.entries.keys()]) if (below.startsWith(`${path}/`)) this.drop(below)
      for (const below of [...this.implied])
        if (below === path || below.startsWith(`${path}/`)) this.implied.delete(below)
    }
    if (old) this.drop(path)
  }

  /** Removes an entry; if it has further names, the first of these becomes the file. */
  private drop(path: string): void {
    const entry = this.entries.get(path)
    this.entries.delete(path)
    if (!entry || entry.type === 'link' || entry.type === 'dir') return
    let heir: string | undefined
    for (const other of this.entries.values()) {
      if (other.type !== 'link' || other.target !== path) continue
      if (heir === undefined) {
        heir = other.path
        this.entries.set(heir, { ...entry, path: heir })
      } else other.target = heir
    }
  }
}

/** A path without `.`, `..`, leading and double slashes; undefined when it climbs out of the root. */
export function cleanPath(path: string): string | undefined {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined) return undefined
  }
  return names.join('/')
}

/** Bytes that an entry takes, as Docker adds up a layer's size: files, and the text of symlinks. */
export function sizeOnDisk(entry: LayerEntry): number {
  return entry.type === 'symlink' ? nameBytes(entry.target ?? '') : entry.type === 'file' ? (entry.size ?? 0) : 0
}
