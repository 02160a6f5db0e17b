/** Build contexts: the files that COPY and ADD may read, and nothing else of the host. */
import { decompress } from '../layer/decompress.ts'
import { TarExtractor } from '../layer/extract.ts'
import { TarReader } from '../layer/tar-reader.ts'
import { Errno } from '../vfs/errno.ts'
import type { Attributes, DirEntry, FileSystem, NodeInit, Stat } from '../vfs/filesystem.ts'
import { HostDir } from '../vfs/host-dir.ts'
import { RootFs } from '../vfs/rootfs.ts'
import { TreeFs } from '../vfs/tree-fs.ts'
import { IgnoreMatcher } from './ignore.ts'

/** A context's files. Owners are root's, as BuildKit's client sends them. */
export interface BuildContext {
  readonly files: RootFs
}

/** A folder of the host without what its patterns leave out. */
export function folderContext(folder: string, patterns: readonly string[]): BuildContext {
  const host = new HostDir(folder, { readonly: true, snapshot: true })
  return { files: new RootFs(new SentFiles(host, new IgnoreMatcher(patterns)), () => 0) }
}

/** An empty tree in memory. */
export const emptyFiles = (now: number): RootFs => new RootFs(new TreeFs({ type: 'ext4', root: { now } }), () => now)

/** The files of a tar, plain or gzipped; undefined when the bytes are none. Throws EngineError for a hostile one. */
export async function unpackContext(bytes: Uint8Array, now: number): Promise<RootFs | undefined> {
  const files = emptyFiles(now)
  const extractor = new TarExtractor(files, '/', { owner: { uid: 0, gid: 0 }, skipDevices: true })
  let entries = 0
  const reader = new TarReader({
    entry: header => {
      entries++
      extractor.entry(header)
    },
    data: data => extractor.data(data),
  })
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield bytes
  }
  try {
    for await (const piece of decompress(whole())) reader.push(piece)
    reader.finish()
  } catch (error) {
    if (entries === 0) return undefined
    throw error
  }
  if (entries === 0) return undefined
  extractor.finish()
  return files
}

/** A host folder as the client sends it: without ignored paths and sockets, everything root's. */
class SentFiles implements FileSystem {
  readonly type = 'ext4'
  readonly root: number
  readonly #host: HostDir
  readonly #ignore: IgnoreMatcher
  readonly #paths = new Map<number, string>()

  constructor(host: HostDir, ignore: IgnoreMatcher) {
    this.#host = host
    this.#ignore = ignore
    this.root = host.root
    this.#paths.set(host.root, '')
  }

  #pathIn(dir: number, name: string): string {
    const above = this.#paths.get(dir) ?? ''
    return above === '' ? name : `${above}/${name}`
  }

  /** Whether a path is sent: an ignored folder is when something in it is. */
  #sent(path: string, ino: number): boolean {
    const { type } = this.#host.stat(ino)
    if (type === 'socket') return false
    if (!this.#ignore.ignores(path)) return true
    if (type !== 'dir' || !this.#ignore.mayHoldExceptions(path)) return false
    return this.#host.readdir(ino).some(({ name }) => {
      const child = this.#host.lookup(ino, name)
      return child !== undefined && this.#sent(`${path}/${name}`, child)
    })
  }

  lookup(dir: number, name: string): number | undefined {
    const ino = this.#host.lookup(dir, name)
    if (ino === undefined) return undefined
    const path = this.#pathIn(dir, name)
    if (!this.#sent(path, ino)) return undefined
    this.#paths.set(ino, path)
    return ino
  }

  stat(ino: number): Stat {
    return { ...this.#host.stat(ino), uid: 0, gid: 0 }
  }

  readdir(dir: number): DirEntry[] {
    return this.#host.readdir(dir).filter(({ name }) => this.lookup(dir, name) !== undefined)
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
