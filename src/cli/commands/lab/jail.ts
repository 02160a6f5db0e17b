/**
 * Locks this process into a folder before anything of a submission is read: whatever path a command of the engine or of
 * the command line opens, it opens below that folder, as after chroot(2). Every function of `node:fs` that takes a path
 * is replaced; those that are not known here, processes and the network are refused. There is no way back.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { posix } from 'node:path'

export interface JailOptions {
  /** What is seen as `/`. */
  root: string
  /** Folders that keep their own paths: the store. */
  also: readonly string[]
  /** Folders that keep their own paths and can only be read: the program. */
  readable: readonly string[]
  /** Bytes that may be written in all. */
  disk: number
}

type Fs = Record<string, unknown>
type Call = (...args: unknown[]) => unknown

/** Functions by the number of paths they take; `follows`: whether a last symlink is followed. */
const pathCalls: Readonly<Record<string, { paths: 1 | 2; follows: boolean; writes: boolean }>> = {
  accessSync: { paths: 1, follows: true, writes: false },
  appendFileSync: { paths: 1, follows: true, writes: true },
  chmodSync: { paths: 1, follows: true, writes: true },
  chownSync: { paths: 1, follows: true, writes: true },
  copyFileSync: { paths: 2, follows: true, writes: true },
  existsSync: { paths: 1, follows: true, writes: false },
  lchownSync: { paths: 1, follows: false, writes: true },
  linkSync: { paths: 2, follows: false, writes: true },
  lstatSync: { paths: 1, follows: false, writes: false },
  lutimesSync: { paths: 1, follows: false, writes: true },
  mkdirSync: { paths: 1, follows: true, writes: true },
  mkdtempSync: { paths: 1, follows: true, writes: true },
  openSync: { paths: 1, follows: true, writes: false },
  opendirSync: { paths: 1, follows: true, writes: false },
  readFileSync: { paths: 1, follows: true, writes: false },
  readdirSync: { paths: 1, follows: true, writes: false },
  readlinkSync: { paths: 1, follows: false, writes: false },
  renameSync: { paths: 2, follows: false, writes: true },
  rmSync: { paths: 1, follows: false, writes: true },
  rmdirSync: { paths: 1, follows: false, writes: true },
  statSync: { paths: 1, follows: true, writes: false },
  statfsSync: { paths: 1, follows: true, writes: false },
  truncateSync: { paths: 1, follows: true, writes: true },
  unlinkSync: { paths: 1, follows: false, writes: true },
  utimesSync: { paths: 1, follows: true, writes: true },
  writeFileSync: { paths: 1, follows: true, writes: true },
}

/** Functions of open files only. */
const openFileCalls = new Set(
  'closeSync fchmodSync fchownSync fdatasyncSync fstatSync fsyncSync ftruncateSync futimesSync readSync readvSync'.split(
    ' ',
  ),
)

const failure = (code: string, call: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call.replace(/Sync$/, ''), path })

/** Whether a path is a folder or lies in it. */
const inside = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** Enters the jail. Paths of the options must be real ones, without symlinks. */
export function enterJail({ root, also, readable, disk }: JailOptions): void {
  const modules = createRequire(posix.join(root, 'x'))
  const fs = modules('node:fs') as Fs
  const real = { ...fs } as Record<string, Call>
  const realpath = (fs.realpathSync as { native: (path: string) => string }).native
  const resolvePath = (path: string): string | undefined => {
    try {
      return realpath(path)
    } catch {
      return undefined
    }
  }
  /** The real path behind one of the jail's. */
  const outer = (call: string, given: unknown, follows: boolean, writes: boolean): string | Buffer | number => {
    if (typeof given === 'number') return given
    if (given instanceof URL) throw failure('EACCES', call, given.pathname)
    const bytes = given instanceof Uint8Array
    const text = bytes ? Buffer.from(given).toString('latin1') : String(given)
    if (text.includes('\0')) throw failure('EINVAL', call, text)
    const path = posix.resolve('/', text)
    const pinned = /^\/proc\/self\/fd\/\d+/.test(path)
    // Node's own functions call each other through the module: a path may come here twice.
    const kept = pinned || [root, ...also, ...readable].some(folder => inside(folder, path))
    const place = kept ? path : posix.join(root, path)
    const end = (follows ? resolvePath(encode(place, bytes)) : undefined) ?? withParent(encode(place, bytes))
    const allowed =
      inside(root, end) ||
      also.some(folder => inside(folder, end)) ||
      (!writes && readable.some(folder => inside(folder, end)))
    if (!allowed) throw failure('EACCES', call, text)
    return bytes ? Buffer.from(place, 'latin1') : place
  }
  const encode = (path: string, bytes: boolean): string => (bytes ? Buffer.from(path, 'latin1').toString() : path)
  /** Where a last name lies once every folder above it is resolved; for what is not there yet, its nearest folder. */
  const withParent = (path: string): string => {
    for (let at = path, rest = ''; ; ) {
      const parent = posix.dirname(at)
      rest = posix.join(posix.basename(at), rest)
      const found = resolvePath(parent)
      if (found !== undefined) return posix.join(found, rest)
      if (parent === at) return path
      at = parent
    }
  }
  /** A real path as it is called in the jail. */
  const inner = (path: string): string => (inside(root, path) ? path.slice(root.length) || '/' : path)

  let left = disk
  for (const [name, value] of Object.entries(fs)) {
    if (typeof value !== 'function' || /^[A-Z_]/.test(name) || openFileCalls.has(name)) continue
    const spec = pathCalls[name]
    if (!spec) {
      fs[name] = () => {
        throw failure('EACCES', name, '')
      }
      continue
    }
    fs[name] = (...args: unknown[]): unknown => {
      const writes = spec.writes || (name === 'openSync' && isWrite(args[1]))
      args[0] = outer(name, args[0], spec.follows, writes && spec.paths === 1)
      if (spec.paths === 2) args[1] = outer(name, args[1], spec.follows, true)
      if (name === 'writeFileSync' || name === 'appendFileSync') take(name, args[1])
      const result = real[name]?.(...args)
      return name === 'mkdirSync' && typeof result === 'string' ? inner(result) : result
    }
  }
  function take(name: string, data: unknown): void {
    left -= typeof data === 'string' ? data.length : data instanceof Uint8Array ? data.byteLength : 0
    if (left < 0) throw failure('ENOSPC', name, '')
  }
  fs.writeSync = (...args: unknown[]): unknown => {
    // The result itself goes to standard output.
    if (args[0] !== 1 && args[0] !== 2) take('writeSync', args[1])
    return real.writeSync?.(...args)
  }
  // What a link says is its own affair; where it leads is looked at when it is followed.
  fs.symlinkSync = (target: unknown, path: unknown, ...more: unknown[]): unknown =>
    real.symlinkSync?.(target, outer('symlinkSync', path, false, true), ...more)
  const realpathInside = (path: unknown): string => {
    const place = outer('realpathSync', path, true, false)
    return inner(realpath(String(place)))
  }
  fs.realpathSync = Object.assign(realpathInside, { native: realpathInside })
  refuseAll(fs.promises as Fs)
  for (const name of [
    'node:child_process',
    'node:net',
    'node:http',
    'node:https',
    'node:tls',
    'node:dgram',
    'node:dns',
  ])
    refuseAll(modules(name) as Fs)
  syncBuiltinESMExports()
}

function refuseAll(module: Fs): void {
  for (const [name, value] of Object.entries(module)) {
    if (typeof value !== 'function' || /^[A-Z_]/.test(name)) continue
    module[name] = () => {
      throw failure('EACCES', name, '')
    }
  }
}

/** Whether flags of open(2) ask for writing: `'r'` and numbers without O_WRONLY, O_RDWR, O_CREAT, O_TRUNC do not. */
const isWrite = (flags: unknown): boolean =>
  typeof flags === 'number' ? (flags & 0o1103) !== 0 : flags !== undefined && flags !== 'r'
