/** A read-only file system whose files are made when they are looked at: the base of /proc and /sys. */
import { Errno } from '../vfs/errno.ts'
import type { DirEntry, FileSystem, FileType, Stat } from '../vfs/filesystem.ts'

export type SyntheticNode = (
  | { type: 'dir'; names: () => string[]; mode?: number }
  | { type: 'file'; text: () => string; mode?: number; write?: (data: string) => void }
  | { type: 'symlink'; target: () => string }
) & {
  /** Default: root. */
  owner?: { uid: number; gid: number }
}

/** A file of a text. */
export const file = (text: () => string, mode?: number): SyntheticNode => ({
  type: 'file',
  text,
  ...(mode !== undefined && { mode }),
})

/** A directory of names. */
export const dir = (names: () => string[]): SyntheticNode => ({ type: 'dir', names })

/** What is at a path (without a leading slash; '' is the root); undefined when there is nothing. */
export type Lookup = (path: string) => SyntheticNode | undefined

export class SyntheticFs implements FileSystem {
  readonly type: string
  readonly root = 1
  readonly #lookup: Lookup
  readonly #now: () => number
  readonly #paths = new Map<number, string>([[1, '']])
  readonly #numbers = new Map<string, number>([['', 1]])

  constructor(type: string, lookup: Lookup, now: () => number) {
    this.type = type
    this.#lookup = lookup
    this.#now = now
  }

  #number(path: string): number {
    let number = this.#numbers.get(path)
    if (number === undefined) {
      // The number follows from the path alone, so that a stored descriptor finds its file again.
      number = 2
      for (let at = 0; at < path.length; at++) number = (number * 31 + path.charCodeAt(at)) % 0xfffffffb
      while (this.#paths.has(number)) number++
      this.#numbers.set(path, number)
      this.#paths.set(number, path)
    }
    return number
  }

  #node(ino: number): SyntheticNode {
    const path = this.#paths.get(ino)
    const node = path === undefined ? undefined : this.#lookup(path)
    if (!node) throw new Errno('ENOENT')
    return node
  }

  #join(dir: number, name: string): string {
    const path = this.#paths.get(dir) ?? ''
    return path === '' ? name : `${path}/${name}`
  }

  lookup(dir: number, name: string): number | undefined {
    const path = this.#join(dir, name)
    return this.#lookup(path) ? this.#number(path) : undefined
  }

  stat(ino: number): Stat {
    const node = this.#node(ino)
    const now = this.#now()
    const mode = node.type === 'symlink' ? 0o777 : (node.mode ?? (node.type === 'dir' ? 0o555 : 0o444))
    return {
      ino,
      type: node.type,
      mode,
      uid: node.owner?.uid ?? 0,
      gid: node.owner?.gid ?? 0,
      size: 0,
      nlink: node.type === 'dir' ? 2 : 1,
      mtime: now,
      atime: now,
      ctime: now,
    }
  }

  readdir(dir: number): DirEntry[] {
    const node = this.#node(dir)
    if (node.type !== 'dir') throw new Errno('ENOTDIR')
    return node.names().map(name => {
      const path = this.#join(dir, name)
      const type: FileType = this.#lookup(path)?.type ?? 'file'
      return { name, ino: this.#number(path), type }
    })
  }

  readlink(ino: number): string {
    const node = this.#node(ino)
    if (node.type !== 'symlink') throw new Errno('EINVAL')
    return node.target()
  }

  read(ino: number, offset: number, length: number): Uint8Array {
    const node = this.#node(ino)
    if (node.type !== 'file') throw new Errno('EISDIR')
    return Buffer.from(node.text(), 'latin1').subarray(offset, offset + length)
  }

  write(ino: number, _offset: number, data: Uint8Array): void {
    const node = this.#node(ino)
    if (node.type !== 'file' || !node.write) throw new Errno('EROFS')
    node.write(Buffer.from(data).toString('latin1'))
  }

  /** Emptying is the first step of `> file`: what cannot be written says so here, as /proc/sys and /sys do in a container. */
  truncate(ino: number): void {
    const node = this.#node(ino)
    if (node.type === 'file' && !node.write) throw new Errno('EROFS')
  }

  create(): number {
    throw new Errno('ENOENT')
  }
  link(): void {
    throw new Errno('EPERM')
  }
  unlink(): void {
    throw new Errno('EPERM')
  }
  rmdir(): void {
    throw new Errno('EPERM')
  }
  rename(): void {
    throw new Errno('EPERM')
  }
  setattr(): void {
    throw new Errno('EPERM')
  }
  hold(): void {}
  release(): void {}
  statfs(): { total: number; free: number; files: number; filesFree: number } {
    return { total: 0, free: 0, files: 0, filesFree: 0 }
  }
}
