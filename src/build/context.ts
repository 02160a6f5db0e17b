/** Build contexts: the files that COPY and ADD may read, and nothing else of the host. */
import { decompress } from '../layer/decompress.ts'
import { TarExtractor } from '../layer/extract.ts'
import { type TarLimits, TarReader } from '../layer/tar-reader.ts'
import { Errno } from '../vfs/errno.ts'
import type { Attributes, DirEntry, FileSystem, NodeInit, Stat } from '../vfs/filesystem.ts'
import { HostDir } from '../vfs/host-dir.ts'
import { RootFs } from '../vfs/rootfs.ts'
import { TreeFs } from '../vfs/tree-fs.ts'
import { type FolderMatch, IgnoreMatcher } from './ignore.ts'

/** What a context may hold at most. */
export const contextLimits: TarLimits = { bytes: 8 * 2 ** 30, entries: 500_000, headers: 128 * 2 ** 20 }

export interface BuildContext {
  readonly files: RootFs
  /** A tar: its files have their own owners, no `.dockerignore` applies to it, and the Dockerfile is one of them. */
  readonly remote: boolean
  /** Bytes that sending the `.dockerignore` of a named context took. */
  readonly ignoreTransfer?: number
}

/**
 * A folder of the host without what its patterns leave out; everything is root's, as BuildKit's client sends it. Throws
 * Error for a pattern that is none.
 */
export function folderContext(folder: string, patterns: readonly string[]): BuildContext {
  const host = new HostDir(folder, { readonly: true, snapshot: true })
  return { files: new RootFs(new SentFiles(host, new IgnoreMatcher(patterns)), () => 0), remote: false }
}

/** A context without files: the Dockerfile came alone. */
export function emptyContext(): BuildContext {
  return { files: new RootFs(new TreeFs({ type: 'ext4' }), () => 0), remote: false }
}

/**
 * The files of a tar, compressed or not. Nothing leaves the context: names that climb are refused, links lead within it.
 * Throws EngineError('invalid') for a damaged or too large one.
 */
export async function archiveContext(input: AsyncIterable<Uint8Array>): Promise<BuildContext> {
  const files = new RootFs(new TreeFs({ type: 'ext4', disk: contextLimits.bytes }), () => 0)
  const extractor = new TarExtractor(files, '/', { skipDevices: true })
  const reader = new TarReader(extractor, contextLimits)
  for await (const bytes of decompress(input)) reader.push(bytes)
  reader.finish()
  extractor.finish()
  return { files, remote: true }
}

/** A host folder as the client sends it: without ignored paths and sockets, everything root's. */
class SentFiles implements FileSystem {
  readonly type = 'ext4'
  readonly root: number
  readonly #host: HostDir
  readonly #ignore: IgnoreMatcher
  /** The folders that were met: their paths, and which patterns match them. */
  readonly #folders = new Map<number, { path: string; match: FolderMatch }>()
  /** Names of each folder, once they were asked for: each is decided once. */
  readonly #entries = new Map<number, Map<string, DirEntry>>()

  constructor(host: HostDir, ignore: IgnoreMatcher) {
    this.#host = host
    this.#ignore = ignore
    this.root = host.root
    this.#folders.set(host.root, { path: '', match: [] })
  }

  #list(dir: number): Map<string, DirEntry> {
    const known = this.#entries.get(dir)
    if (known) return known
    const folder = this.#folders.get(dir)
    if (!folder) throw new Errno('ENOTDIR')
    const sent = new Map<string, DirEntry>()
    this.#entries.set(dir, sent)
    for (const entry of this.#host.readdir(dir)) {
      if (entry.type === 'socket') continue
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`
      const { ignored, below } = this.#ignore.match(path, folder.match)
      if (entry.type === 'dir') this.#folders.set(entry.ino, { path, match: below })
      if (!ignored || this.#holdsExceptions(entry, path)) sent.set(entry.name, entry)
    }
    return sent
  }

  /** An ignored folder is sent when something in it is. */
  #holdsExceptions({ type, ino }: DirEntry, path: string): boolean {
    return type === 'dir' && this.#ignore.mayHoldExceptions(path) && this.#list(ino).size > 0
  }

  lookup(dir: number, name: string): number | undefined {
    return this.#list(dir).get(name)?.ino
  }

  stat(ino: number): Stat {
    return { ...this.#host.stat(ino), uid: 0, gid: 0 }
  }

  readdir(dir: number): DirEntry[] {
    return [...this.#list(dir).values()]
  }

  readlink(ino: number): string {
    return this.#host.readlink(ino)
  }

  read(ino: number, offset: number, length: number): Uint8Array {
    return this.#host.read(ino, offset, length)
  }

  write(_ino: number, _offset: number, _data: Uint8Array, _now: number): void {
    throw new Errno('EROFS')
  }

  truncate(_ino: number, _size: number, _now: number): void {
    throw new Errno('EROFS')
  }

  create(_dir: number, _name: string, _init: NodeInit): number {
    throw new Errno('EROFS')
  }

  link(_dir: number, _name: string, _ino: number, _now: number): void {
    throw new Errno('EROFS')
  }

  unlink(_dir: number, _name: string, _now: number): void {
    throw new Errno('EROFS')
  }

  rmdir(_dir: number, _name: string, _now: number): void {
    throw new Errno('EROFS')
  }

  rename(_fromDir: number, _fromName: string, _toDir: number, _toName: string, _now: number): void {
    throw new Errno('EROFS')
  }

  setattr(_ino: number, _attributes: Attributes, _now: number): void {
    throw new Errno('EROFS')
  }

  hold(ino: number): void {
    this.#host.hold(ino)
  }

  release(ino: number): void {
    this.#host.release(ino)
  }

  statfs(): { total: number; free: number; files: number; filesFree: number } {
    return this.#host.statfs()
  }
}
