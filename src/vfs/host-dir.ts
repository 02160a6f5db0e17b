/**
 * A folder or a single file of the host as a file system: bind mounts and build contexts. Names, owners, modes
 * and times are the host's; what the host refuses to whoever runs minidock fails with the host's error.
 *
 * Nothing outside the folder is reached: symlinks are only ever read as such, files are opened with
 * O_NOFOLLOW, and a path is used only while it leads to the very inode that was met in the folder. Where the host
 * has /proc, every folder on the way is opened by itself, without following links, and what is done is done below
 * that descriptor: whoever changes the folder meanwhile leads nothing astray.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  statfsSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { Errno, isErrno } from './errno.ts'
import type { Attributes, DirEntry, FileSystem, NodeInit, Stat } from './filesystem.ts'
import { hostCall, lstatHost, statOfStats, typeOfStats } from './host-path.ts'
import { decodeName, encodeName, hasRawBytes } from './name-codec.ts'

/** Linux's O_PATH, which Node does not name: a descriptor of a place, which needs no permission of it. */
const O_PATH = 0o10000000
/** Whether descriptors can be used as folders of paths. */
const pinning = process.platform === 'linux' && existsSync('/proc/self/fd')

/** How many directories are searched for an inode that no path is known of. */
const SEARCH_LIMIT = 10_000
/** Bytes that a process asks for at a time. */
const PIECE = 65_536

export interface HostDirOptions {
  /** Refuses every change with EROFS. */
  readonly?: boolean
  /** Looks at each file once and takes it to stay as it is: a build context. Bytes are still read when asked for. */
  snapshot?: boolean
  /** As in /proc/mounts. Default: ext4. */
  type?: string
  /** A folder that is not seen, wherever it lies: the store. */
  hide?: string
}

export class HostDir implements FileSystem {
  readonly type: string
  readonly root: number
  private readonly folder: string
  private readonly readonly: boolean
  private readonly hidden: Pick<Stats, 'dev' | 'ino'> | undefined
  /** Devices that were met; inode numbers of all but the first are moved out of its way. */
  private readonly devices: number[]
  /** What was seen of each path, in a snapshot. */
  private readonly seen: Map<string, Stats | undefined> | undefined
  /** Path of each inode that was met, relative to the folder. */
  private readonly paths = new Map<number, string>()
  /** Open descriptors of held files: what they lead to stays when the name goes. */
  private readonly held = new Map<number, { fd: number; writable: boolean; count: number }>()

  /** `path`: a folder or a file of the host; a symlink there is followed. Throws ENOENT. */
  constructor(path: string, options: HostDirOptions = {}) {
    this.type = options.type ?? 'ext4'
    this.readonly = options.readonly ?? false
    this.seen = options.snapshot ? new Map() : undefined
    this.folder = hostCall(() => realpathSync.native(path))
    const stats = lstatHost(this.folder)
    if (!stats) throw new Errno('ENOENT')
    this.hidden = options.hide === undefined ? undefined : lstatHost(options.hide)
    this.devices = [stats.dev]
    this.root = stats.ino
    this.paths.set(this.root, '')
  }

  /** Its path on the host, without links. */
  get path(): string {
    return this.folder
  }

  lookup(dir: number, name: string): number | undefined {
    const relative = this.childPath(dir, name)
    const stats = this.lstat(relative)
    return stats && this.met(stats, relative)
  }

  stat(ino: number): Stat {
    const held = this.held.get(ino)
    return statOfStats(held ? hostCall(() => fstatSync(held.fd)) : this.stats(ino), ino)
  }

  readdir(dir: number): DirEntry[] {
    const parent = this.directory(dir)
    const list: DirEntry[] = []
    for (const raw of this.names(parent)) {
      const name = decodeName(raw)
      const relative = parent === '' ? name : `${parent}/${name}`
      const stats = this.lstat(relative)
      if (stats) list.push({ name, ino: this.met(stats, relative), type: typeOfStats(stats) })
    }
    return list.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  readlink(ino: number): string {
    const { relative } = this.find(ino)
    return decodeName(this.at(relative, path => readlinkSync(path, 'buffer')))
  }

  read(ino: number, offset: number, length: number): Uint8Array {
    return this.withFile(ino, constants.O_RDONLY, fd => {
      // A piece is read without asking for the size first; what is larger would take more memory than it needs.
      const most = length <= PIECE ? length : Math.max(0, Math.min(length, fstatSync(fd).size - offset))
      const bytes = Buffer.allocUnsafe(most)
      const done = fill(fd, bytes, offset)
      return done > most / 2 ? bytes.subarray(0, done) : Buffer.from(bytes.subarray(0, done))
    })
  }

  readInto(ino: number, offset: number, into: Uint8Array): number {
    return this.withFile(ino, constants.O_RDONLY, fd => fill(fd, into, offset))
  }

  write(ino: number, offset: number, data: Uint8Array): void {
    this.demandWritable()
    this.withFile(ino, constants.O_RDWR, fd => {
      for (let done = 0; done < data.length; ) done += writeSync(fd, data, done, data.length - done, offset + done)
    })
  }

  truncate(ino: number, size: number): void {
    this.demandWritable()
    this.withFile(ino, constants.O_RDWR, fd => ftruncateSync(fd, size))
  }

  create(dir: number, name: string, init: NodeInit): number {
    this.demandWritable()
    this.at(this.childPath(dir, name), path => {
      if (init.type === 'dir') makeFolder(path, init.mode)
      else if (init.type === 'symlink') symlinkSync(hostName(init.target ?? ''), path)
      else if (init.type === 'file') makeFile(path, init.mode)
      // Node can make neither devices nor pipes.
      else throw new Errno('EPERM')
    })
    const ino = this.lookup(dir, name)
    if (ino === undefined) throw new Errno('EIO')
    return ino
  }

  link(dir: number, name: string, ino: number): void {
    this.demandWritable()
    const { relative, stats } = this.find(ino)
    if (stats.isDirectory()) throw new Errno('EPERM')
    this.at(relative, from => this.at(this.childPath(dir, name), to => linkSync(from, to)))
  }

  unlink(dir: number, name: string): void {
    this.demandWritable()
    this.at(this.childPath(dir, name), path => {
      if (lstatHost(path)?.isDirectory()) throw new Errno('EISDIR')
      unlinkSync(path)
    })
  }

  rmdir(dir: number, name: string): void {
    this.demandWritable()
    this.at(this.childPath(dir, name), path => rmdirSync(path))
  }

  rename(fromDir: number, fromName: string, toDir: number, toName: string): void {
    this.demandWritable()
    const from = this.childPath(fromDir, fromName)
    const to = this.childPath(toDir, toName)
    this.at(from, source => this.at(to, target => renameSync(source, target)))
    for (const [ino, path] of this.paths)
      if (path === from || path.startsWith(`${from}/`)) this.paths.set(ino, to + path.slice(from.length))
  }

  setattr(ino: number, attributes: Attributes): void {
    this.demandWritable()
    const { relative, stats } = this.find(ino)
    const { mode, uid = stats.uid, gid = stats.gid, mtime = stats.mtimeMs, atime = stats.atimeMs } = attributes
    const link = stats.isSymbolicLink()
    const timed = attributes.mtime !== undefined || attributes.atime !== undefined
    this.exactly(ino, relative, link, (path, exact) => {
      if (uid !== stats.uid || gid !== stats.gid) (exact ? chownSync : lchownSync)(path, uid, gid)
      if (mode !== undefined && !link) this.chmod(ino, path, mode)
      if (timed) (exact ? utimesSync : lutimesSync)(path, seconds(atime), seconds(mtime))
    })
  }

  hold(ino: number): void {
    const known = this.held.get(ino)
    if (known) known.count++
    else if (this.stats(ino).isFile()) this.held.set(ino, { ...this.openForHolding(ino), count: 1 })
  }

  release(ino: number): void {
    const held = this.held.get(ino)
    if (!held || --held.count > 0) return
    closeSync(held.fd)
    this.held.delete(ino)
  }

  statfs(): { total: number; free: number; files: number; filesFree: number } {
    const { bsize, blocks, bavail, files, ffree } = hostCall(() => statfsSync(this.folder))
    return { total: bsize * blocks, free: bsize * bavail, files, filesFree: ffree }
  }

  private chmod(ino: number, path: string | Buffer, mode: number): void {
    const held = this.held.get(ino)
    if (held) fchmodSync(held.fd, mode)
    else chmodSync(path, mode)
  }

  private withFile<T>(ino: number, flags: number, use: (fd: number) => T): T {
    const held = this.held.get(ino)
    if (held && (held.writable || flags === constants.O_RDONLY)) return hostCall(() => use(held.fd))
    const type = typeOfStats(this.stats(ino))
    if (type !== 'file') throw new Errno(type === 'dir' ? 'EISDIR' : 'EINVAL')
    const fd = this.open(ino, flags)
    try {
      return hostCall(() => use(fd))
    } finally {
      closeSync(fd)
    }
  }

  /** Opens the very inode, or fails. */
  private open(ino: number, flags: number): number {
    return this.at(this.find(ino).relative, path => {
      const fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      const stats = fstatSync(fd)
      if (this.number(stats) === ino && stats.isFile()) return fd
      closeSync(fd)
      throw new Errno('ENOENT')
    })
  }

  /** For writing too where the host allows it. */
  private openForHolding(ino: number): { fd: number; writable: boolean } {
    if (!this.readonly) {
      try {
        return { fd: this.open(ino, constants.O_RDWR), writable: true }
      } catch (error) {
        if (!isErrno(error, 'EACCES') && !isErrno(error, 'EROFS') && !isErrno(error, 'ETXTBSY')) throw error
      }
    }
    return { fd: this.open(ino, constants.O_RDONLY), writable: false }
  }

  private lstat(relative: string): Stats | undefined {
    if (!this.seen) return this.lstatNow(relative)
    if (!this.seen.has(relative)) this.seen.set(relative, lstatHost(this.host(relative)))
    return this.seen.get(relative)
  }

  private lstatNow(relative: string): Stats | undefined {
    try {
      const stats = this.at(relative, path => lstatHost(path))
      return stats && this.hidden?.ino === stats.ino && this.hidden.dev === stats.dev ? undefined : stats
    } catch (error) {
      // A folder on the way is gone, or is a link by now.
      if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR') || isErrno(error, 'ELOOP')) return undefined
      throw error
    }
  }

  /** Where an inode is and what it is. Its place may have changed hands since it was met: it is looked at again. */
  private find(ino: number): { relative: string; stats: Stats } {
    const known = this.paths.get(ino)
    const stats = known === undefined ? undefined : this.lstat(known)
    if (known !== undefined && stats && this.number(stats) === ino) return { relative: known, stats }
    return this.search(ino)
  }

  private stats(ino: number): Stats {
    return this.find(ino).stats
  }

  /** The path of a directory. An inode number may be in use again for something else: it must be one. */
  private directory(ino: number): string {
    const { relative, stats } = this.find(ino)
    if (!stats.isDirectory()) throw new Errno('ENOTDIR')
    return relative
  }

  private childPath(dir: number, name: string): string {
    const parent = this.directory(dir)
    return parent === '' ? name : `${parent}/${name}`
  }

  /** Finds an inode that is not where it was met, or never was: a process brought back has its number only. */
  private search(ino: number): { relative: string; stats: Stats } {
    const queue = ['']
    for (let count = 0; count < SEARCH_LIMIT; count++) {
      const dir = queue.shift()
      if (dir === undefined) break
      for (const raw of this.tryReaddir(dir)) {
        const relative = dir === '' ? decodeName(raw) : `${dir}/${decodeName(raw)}`
        const stats = this.lstat(relative)
        if (stats && this.met(stats, relative) === ino) return { relative, stats }
        if (stats?.isDirectory()) queue.push(relative)
      }
    }
    throw new Errno('ENOENT')
  }

  private tryReaddir(relative: string): Buffer[] {
    try {
      return this.names(relative)
    } catch {
      return []
    }
  }

  /** Remembers where an inode is; returns its number. */
  private met(stats: Stats, relative: string): number {
    const ino = this.number(stats)
    if (ino !== this.root) this.paths.set(ino, relative)
    return ino
  }

  private number({ dev, ino }: Stats): number {
    let device = this.devices.indexOf(dev)
    if (device < 0) device = this.devices.push(dev) - 1
    return ino + device * 2 ** 44
  }

  private names(relative: string): Buffer[] {
    if (!pinning || this.seen) return hostCall(() => readdirSync(this.host(relative), 'buffer'))
    return hostCall(() => {
      const fd = this.openFolder(relative)
      try {
        return readdirSync(`/proc/self/fd/${fd}`, 'buffer')
      } finally {
        closeSync(fd)
      }
    })
  }

  /** Does something with a path below the folder; no link on the way to its last part is followed. */
  private at<T>(relative: string, use: (path: string | Buffer) => T): T {
    if (!pinning || this.seen || relative === '') return hostCall(() => use(this.host(relative)))
    return hostCall(() => {
      const slash = relative.lastIndexOf('/')
      const fd = this.openFolder(slash < 0 ? '' : relative.slice(0, slash))
      try {
        return use(hostName(`/proc/self/fd/${fd}/${relative.slice(slash + 1)}`))
      } finally {
        closeSync(fd)
      }
    })
  }

  /** The same with a path that leads to the very inode, or to nothing: `exact` says that it may be followed. */
  private exactly(
    ino: number,
    relative: string,
    link: boolean,
    use: (path: string | Buffer, exact: boolean) => void,
  ): void {
    this.at(relative, path => {
      if (!pinning || link) return use(path, false)
      const fd = openSync(path, O_PATH | constants.O_NOFOLLOW)
      try {
        if (this.number(fstatSync(fd)) !== ino) throw new Errno('ENOENT')
        use(`/proc/self/fd/${fd}`, true)
      } finally {
        closeSync(fd)
      }
    })
  }

  /** A descriptor of a folder, opened step by step from the root: a link in place of a folder is ENOTDIR. */
  private openFolder(relative: string): number {
    const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
    let fd = openSync(this.folder, flags)
    try {
      if (this.number(fstatSync(fd)) !== this.root) throw new Errno('ENOENT')
      for (const name of relative === '' ? [] : relative.split('/')) {
        const next = openSync(hostName(`/proc/self/fd/${fd}/${name}`), flags)
        closeSync(fd)
        fd = next
      }
      return fd
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  private host(relative: string): string | Buffer {
    return hostName(relative === '' ? this.folder : `${this.folder}/${relative}`)
  }

  private demandWritable(): void {
    if (this.readonly) throw new Errno('EROFS')
  }
}

/** A name for the host: bytes where it is not UTF-8. */
function hostName(name: string): string | Buffer {
  return hasRawBytes(name) ? Buffer.from(encodeName(name)) : name
}

/** A folder with exactly this mode: the umask of whoever runs minidock is not the container's. */
function makeFolder(path: string | Buffer, mode: number): void {
  const before = process.umask(0)
  try {
    mkdirSync(path, mode)
  } finally {
    process.umask(before)
  }
}

function makeFile(path: string | Buffer, mode: number): void {
  const fd = openSync(path, 'wx', mode & 0o777)
  try {
    fchmodSync(fd, mode)
  } finally {
    closeSync(fd)
  }
}

function seconds(ms: number): number {
  return ms / 1000
}

/** Reads until the memory is full or the file ends; the number of bytes. */
function fill(fd: number, into: Uint8Array, offset: number): number {
  let done = 0
  while (done < into.length) {
    const count = readSync(fd, into, done, into.length - done, offset + done)
    if (count === 0) break
    done += count
  }
  return done
}
