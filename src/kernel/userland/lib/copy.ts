/** Copying files and trees, for cp, mv between file systems and install. */
import { type Errno, isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import type { Proc, Routine } from '../../program.ts'
import { readBytes } from './input.ts'
import { confirm } from './prompt.ts'
import { baseName, joinPath } from './walk.ts'

export interface CopyOptions {
  recursive: boolean
  /** Symbolic links are followed: never, those that are operands, always. */
  follow: 'never' | 'operands' | 'always'
  /** Keep mode, owner and times. */
  preserve: { mode: boolean; owner: boolean; times: boolean }
  /** What to do with a file that is there. */
  existing: 'overwrite' | 'force' | 'ask' | 'keep' | 'update'
  /** Make links instead of copies. */
  link: 'none' | 'hard' | 'symbolic'
  gnu: boolean
  /** GNU --attributes-only and -v are handled by the callers through this. */
  onCopy?: (from: string, to: string) => Routine<void>
}

export interface CopyCall {
  p: Proc
  error(text: string): Routine<void>
}

/** Copies one operand to a path. Says what went wrong and returns whether all went well. */
export function* copyTree(
  call: CopyCall,
  from: string,
  to: string,
  options: CopyOptions,
  operand = true,
): Routine<boolean> {
  const { p, error } = call
  const { gnu } = options
  let stat: Stat
  try {
    const follow = options.follow === 'always' || (options.follow === 'operands' && operand)
    stat = follow ? p.stat(from) : p.lstat(from)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* error(gnu ? `cannot stat '${from}': ${thrown.message}` : `can't stat '${from}': ${thrown.message}`)
    return false
  }
  const target = statOf(p, to)
  if (target && target.ino === stat.ino && p.device(to) === p.device(from) && options.link === 'none') {
    const own = p.lstat(to)
    if (own.ino === stat.ino || stat.type !== 'symlink') {
      yield* error(`'${from}' and '${to}' are the same file`)
      return false
    }
  }
  if (stat.type === 'dir') {
    if (!options.recursive) {
      yield* error(gnu ? `-r not specified; omitting directory '${from}'` : `omitting directory '${from}'`)
      return false
    }
    return yield* copyDir(call, from, to, stat, target, options)
  }
  if (target) {
    if (target.type === 'dir') {
      yield* error(gnu ? `cannot overwrite directory '${to}' with non-directory` : `'${to}' is a directory`)
      return false
    }
    if (options.existing === 'keep') return true
    if (options.existing === 'update' && target.mtime >= stat.mtime) return true
    if (options.existing === 'ask' && !(yield* confirm(`${p.name}: overwrite '${to}'? `))) return true
  }
  try {
    yield* copyOne(p, from, to, stat, target, options)
    if (options.onCopy) yield* options.onCopy(from, to)
    return true
  } catch (thrown) {
    if (!(thrown instanceof CopyError)) throw thrown
    yield* error(thrown.message)
    return false
  }
}

/** A failure whose message is complete. */
class CopyError extends Error {}

function* copyDir(
  call: CopyCall,
  from: string,
  to: string,
  stat: Stat,
  target: Stat | undefined,
  options: CopyOptions,
): Routine<boolean> {
  const { p, error } = call
  const { gnu } = options
  if (target && target.type !== 'dir') {
    yield* error(
      gnu
        ? `cannot overwrite non-directory '${to}' with directory '${from}'`
        : `can't stat '${joinPath(to, baseName(from))}': Not a directory`,
    )
    return false
  }
  if (isWithin(p, from, to)) {
    yield* error(
      gnu
        ? `cannot copy a directory, '${from}', into itself, '${to}'`
        : `recursion detected, omitting directory '${to}'`,
    )
    return false
  }
  let fine = true
  let names: string[]
  try {
    names = p.readdir(from).map(entry => entry.name)
    if (!target) {
      p.mkdir(to, stat.mode | 0o700)
      if (options.onCopy) yield* options.onCopy(from, to)
    }
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    const what = thrown.code === 'EACCES' && !p.access(from, { read: true }) ? 'open' : 'create'
    if (what === 'open')
      yield* error(gnu ? `cannot access '${from}': ${thrown.message}` : `can't open '${from}': ${thrown.message}`)
    else
      yield* error(
        gnu
          ? `cannot create directory '${to}': ${thrown.message}`
          : `can't create directory '${to}': ${thrown.message}`,
      )
    return false
  }
  for (const name of names)
    fine = (yield* copyTree(call, joinPath(from, name), joinPath(to, name), options, false)) && fine
  if (!target) setAttributes(p, to, stat, options, true)
  return fine
}

/** Whether `to` lies in the directory `from`: copying would never end. */
function isWithin(p: Proc, from: string, to: string): boolean {
  const source = p.stat(from)
  for (let path = to; ; ) {
    if (/^\/+$/.test(path)) return false
    const parent = path.replace(/\/+$/, '').includes('/')
      ? path.replace(/\/+$/, '').replace(/\/[^/]*$/, '') || '/'
      : '.'
    if (parent === path) return false
    const found = statOf(p, parent)
    if (found && found.ino === source.ino && p.device(parent) === p.device(from)) return true
    if (parent === '.') return p.realpath('.').startsWith(`${p.realpath(from)}/`)
    path = parent
  }
}

function* copyOne(
  p: Proc,
  from: string,
  to: string,
  stat: Stat,
  target: Stat | undefined,
  options: CopyOptions,
): Routine<void> {
  const { gnu } = options
  const failed = (what: string, gnuWhat: string, path: string) => (thrown: unknown) => {
    if (!isErrno(thrown)) throw thrown
    return new CopyError(`${gnu ? `cannot ${gnuWhat}` : `can't ${what}`} '${path}': ${thrown.message}`)
  }
  if (options.link !== 'none') {
    const make = () => (options.link === 'hard' ? p.link(from, to) : p.symlink(from, to))
    const kind = options.link === 'hard' ? 'link' : 'symbolic link'
    if (target && options.existing === 'force') p.unlink(to)
    attempt(
      make,
      thrown =>
        new CopyError(
          `${gnu ? 'cannot' : "can't"} create ${kind} '${to}'${gnu ? ` to '${from}'` : ''}: ${thrown.message}`,
        ),
    )
    return
  }
  if (stat.type === 'file' || (options.follow !== 'never' && !options.recursive)) {
    let input: number
    try {
      input = (yield { op: 'open', path: from, flags: { read: true }, mode: 0 }) as number
    } catch (thrown) {
      throw failed('open', 'open', gnu ? `${from}' for reading` : from)(thrown)
    }
    try {
      const output = openTarget(p, to, stat, target, options)
      for (let data = yield* readBytes(input); data.length > 0; data = yield* readBytes(input)) {
        yield { op: 'write', fd: output, data }
      }
      p.close(output)
    } finally {
      p.close(input)
    }
  } else {
    if (target || isLink(p, to))
      attempt(
        () => p.unlink(to),
        thrown => new CopyError(`${gnu ? 'cannot remove' : "can't remove"} '${to}': ${thrown.message}`),
      )
    const make = () =>
      stat.type === 'symlink' ? p.symlink(p.readlink(from), to) : p.mknod(to, stat.type, stat.mode, stat.rdev)
    attempt(
      make,
      thrown =>
        new CopyError(
          `${gnu ? `cannot create ${stat.type === 'symlink' ? 'symbolic link' : 'special file'}` : `can't create ${stat.type === 'symlink' ? 'symlink' : 'node'}`} '${to}': ${thrown.message}`,
        ),
    )
  }
  setAttributes(p, to, stat, options, false)
}

function attempt(action: () => void, say: (thrown: Errno) => CopyError): void {
  try {
    action()
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    throw say(thrown)
  }
}

function openTarget(p: Proc, to: string, stat: Stat, target: Stat | undefined, options: CopyOptions): number {
  const mode = stat.mode & 0o777
  try {
    try {
      return p.open(to, { write: true, create: true, truncate: true }, mode)
    } catch (thrown) {
      if (!isErrno(thrown) || !target || options.existing !== 'force') throw thrown
      p.unlink(to)
      return p.open(to, { write: true, create: true, exclusive: true }, mode)
    }
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    const reason =
      !options.gnu && options.existing === 'force' && thrown.code === 'ENOENT' ? 'Path does not exist' : thrown.message
    throw new CopyError(`${options.gnu ? 'cannot create regular file' : "can't create"} '${to}': ${reason}`)
  }
}

function setAttributes(p: Proc, to: string, stat: Stat, { preserve }: CopyOptions, made: boolean): void {
  const noFollow = stat.type === 'symlink'
  const safely = (action: () => void) => {
    try {
      action()
    } catch (thrown) {
      // As an ordinary user one keeps what one may.
      if (!isErrno(thrown)) throw thrown
    }
  }
  if (preserve.owner) safely(() => p.setattr(to, { uid: stat.uid, gid: stat.gid }, { noFollow }))
  if (!noFollow) {
    if (preserve.mode) safely(() => p.setattr(to, { mode: stat.mode }))
    else if (made) safely(() => p.setattr(to, { mode: stat.mode & ~p.umask() & 0o777 }))
  }
  if (preserve.times) safely(() => p.setattr(to, { mtime: stat.mtime, atime: stat.atime }, { noFollow }))
}

function isLink(p: Proc, path: string): boolean {
  try {
    return p.lstat(path).type === 'symlink'
  } catch {
    return false
  }
}

/** What a path leads to; undefined when nothing can be found there. */
export function statOf(p: Proc, path: string): Stat | undefined {
  try {
    return p.stat(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    return undefined
  }
}
