/** Unpacks a tar into a tree of files: `docker cp` into a container, ADD of an archive. */
import { invalid } from '../errors.ts'
import { Errno } from '../vfs/errno.ts'
import type { Place } from '../vfs/mounts.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import { cleanPath } from './layer-indexer.ts'
import type { TarHeader } from './tar-header.ts'
import type { TarHandler } from './tar-reader.ts'

export interface ExtractOptions {
  /** The owner of everything, instead of what the tar says. */
  owner?: { uid: number; gid: number }
  /** Refuses to put a directory in the place of a file, or the other way round. */
  noOverwriteDirNonDir?: boolean
  /** Leaves out device nodes, which an unprivileged engine could not make. */
  skipDevices?: boolean
}

/**
 * Puts the entries of a tar below the directory `dest` of `root`, as moby's archive.Unpack does. Nothing gets
 * out of `root`: symlinks lead where they lead inside of it. Give it to a `TarReader`, then call `finish`.
 * Throws EngineError('invalid') for entries that cannot be placed.
 */
export class TarExtractor implements TarHandler {
  private readonly root: RootFs
  private readonly dest: string
  private readonly options: ExtractOptions
  private file: { place: Place; offset: number; mtime: number } | undefined
  /** Directories get their times at the end, when nothing is put into them any more. */
  private readonly directories: { path: string; mtime: number }[] = []

  constructor(root: RootFs, dest: string, options: ExtractOptions = {}) {
    this.root = root
    this.dest = root.realpath(dest)
    this.options = options
  }

  entry(header: TarHeader): void {
    this.file = undefined
    const name = cleanPath(header.path)
    if (name === undefined) throw invalid(`invalid entry name ${JSON.stringify(header.path)}`)
    // The destination itself stays as it is.
    if (name === '') return
    const path = this.dest === '/' ? `/${name}` : `${this.dest}/${name}`
    try {
      this.place(header, path)
    } catch (error) {
      if (!(error instanceof Errno)) throw error
      const what = header.type === 'link' ? `linkat ${cleanPath(header.target ?? '') ?? ''} ${name}` : path
      throw invalid(`${what}: ${error.message.toLowerCase()}`)
    }
  }

  data(bytes: Uint8Array): void {
    if (!this.file) return
    const { place, offset, mtime } = this.file
    place.mount.fs.write(place.ino, offset, bytes, mtime)
    this.file.offset += bytes.length
  }

  /** Call it once after the last entry. */
  finish(): void {
    for (const { path, mtime } of this.directories.reverse())
      this.root.setattr(path, { mtime, atime: mtime }, { follow: false })
  }

  private place(header: TarHeader, path: string): void {
    const { type, mode } = header
    const mtime = header.mtime * 1000
    if ((type === 'char' || type === 'block') && this.options.skipDevices) return
    this.root.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/')
    if (this.clear(header.path, path, type === 'dir')) {
      this.setAttributes(header, path)
      return
    }
    if (type === 'dir') this.root.mkdir(path, mode)
    else if (type === 'symlink') this.root.symlink(header.target ?? '', path)
    else if (type === 'link') {
      this.link(header.target ?? '', path)
      return
    } else if (type === 'file') {
      const place = this.root.open(path, { write: true, create: true, truncate: true }, mode)
      this.file = { place, offset: 0, mtime }
    } else this.root.mknod(path, type, mode, header.rdev)
    this.setAttributes(header, path)
  }

  private link(written: string, path: string): void {
    const target = cleanPath(written)
    if (target === undefined) throw invalid(`invalid hardlink target ${JSON.stringify(written)}`)
    this.root.link(this.dest === '/' ? `/${target}` : `${this.dest}/${target}`, path)
  }

  /** Makes way for an entry. True when a directory is there already and stays. */
  private clear(name: string, path: string, isDir: boolean): boolean {
    const { place } = this.root.find(path, { follow: false })
    if (!place) return false
    const thereIsDir = place.mount.fs.stat(place.ino).type === 'dir'
    if (thereIsDir && isDir) return true
    if (this.options.noOverwriteDirNonDir && thereIsDir)
      throw invalid(`cannot overwrite directory "${cleanPath(name)}" with non-directory "${this.dest}"`)
    if (this.options.noOverwriteDirNonDir && isDir)
      throw invalid(`cannot overwrite non-directory "${cleanPath(name)}" with directory "${this.dest}"`)
    try {
      this.root.removeAll(path)
    } catch (error) {
      if (error instanceof Errno) throw invalid(`RemoveAll ${cleanPath(name)}: ${error.message.toLowerCase()}`)
      throw error
    }
    return false
  }

  private setAttributes(header: TarHeader, path: string): void {
    const { uid, gid } = this.options.owner ?? { uid: header.uid ?? 0, gid: header.gid ?? 0 }
    const mtime = header.mtime * 1000
    const mode = header.type === 'symlink' ? {} : { mode: header.mode }
    this.root.setattr(path, { uid, gid, mtime, atime: mtime, ...mode }, { follow: false })
    if (header.type === 'dir') this.directories.push({ path, mtime })
  }
}
