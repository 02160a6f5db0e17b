/** Making an archive. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import type { Proc, Routine } from '../../program.ts'
import { Bzip2 } from './bzip2-compress.ts'
import type { Call } from './command.ts'
import { Failure } from './failure.ts'
import { Gzip } from './gzip-stream.ts'
import { readBytes } from './input.ts'
import type { Options } from './options.ts'
import { parseGnuDate } from './parse-date.ts'
import { encodeHeader, type TarMember, type TarType } from './tar-format.ts'
import { isExcluded, unsafePrefix } from './tar-names.ts'
import type { tarOptions } from './tar-options.ts'
import { type Accounts, findGid, findUid, groupName, readAccounts, userName } from './users.ts'
import { utc } from './zone.ts'

/** GNU tar writes records of this size. */
const recordSize = 10_240

export function* createArchive(
  call: Call<typeof tarOptions>,
  names: readonly string[],
  exclude: readonly string[],
): Routine<number> {
  const { p, options: given, gnu, error } = call
  if (names.length === 0 && !given.has('files')) {
    throw new Failure(
      gnu
        ? "Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information."
        : 'empty archive',
      gnu ? 2 : 1,
    )
  }
  const file = given.value('file') ?? '-'
  const target = file === '-' ? 1 : openArchive(p, file, gnu)
  const own = target === 1 ? undefined : p.fstat(target)
  const packer = packerFor(given, file)
  const accounts = yield* readAccounts(p)
  const seen = new Map<string, string>()
  const told = new Set<string>()
  let written = 0
  let status = 0

  function* put(data: Uint8Array): Routine<void> {
    written += data.length
    if (!packer) yield { op: 'write', fd: target, data }
    else for (const piece of packer.push(data)) yield { op: 'write', fd: target, data: piece }
  }

  const verbose = target === 1 ? 2 : 1
  for (const step of steps(p.argv, given.values('directory'), names, gnu)) {
    if ('dir' in step) changeTo(p, step.dir, gnu)
    else yield* add(step.name)
  }
  yield* put(new Uint8Array(1024))
  if (gnu && written % recordSize !== 0) yield* put(new Uint8Array(recordSize - (written % recordSize)))
  if (packer) for (const piece of packer.push(new Uint8Array(0), true)) yield { op: 'write', fd: target, data: piece }
  if (target !== 1) p.close(target)
  if (status !== 0)
    yield* error(gnu ? 'Exiting with failure status due to previous errors' : 'error exit delayed from previous errors')
  return status

  function* add(path: string): Routine<void> {
    if (isExcluded(path, exclude, gnu)) return
    let stat: Stat
    try {
      stat = given.has('dereference') ? p.stat(path) : p.lstat(path)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `${path}: Cannot stat: ${thrown.message}` : `${path}: ${thrown.message}`)
      status = gnu ? 2 : 1
      return
    }
    if (own && stat.ino === own.ino && p.device(path) === p.device(file)) {
      yield* error(gnu ? `${path}: file is the archive; not dumped` : `${path}: file is the archive; skipping`)
      return
    }
    const stored = given.has('absolute') ? path : yield* relative(path)
    if (stat.type === 'socket') {
      yield* error(`${path}: socket ignored`)
      return
    }
    const directory = stat.type === 'dir'
    const slashed = directory && !stored.endsWith('/') ? `${stored}/` : stored
    const member = memberOf(stat, slashed)
    if (!directory && stat.nlink > 1) {
      const key = `${p.device(path)}:${stat.ino}`
      const first = seen.get(key)
      if (first !== undefined) Object.assign(member, { type: 'link', size: 0, target: first })
      else seen.set(key, stored)
    }
    if (member.type === 'symlink') member.target = p.readlink(path)
    let fd = -1
    if (member.type === 'file') {
      try {
        fd = p.open(path, { read: true })
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(gnu ? `${path}: Cannot open: ${thrown.message}` : `can't open '${path}': ${thrown.message}`)
        status = gnu ? 2 : 1
        return
      }
    }
    if (given.has('verbose')) yield { op: 'write', fd: verbose, data: Buffer.from(`${slashed}\n`, 'latin1') }
    if (slashed !== '' && slashed !== '/') yield* put(encodeHeader(member))
    if (fd >= 0) yield* copy(fd, member.size)
    if (!directory || given.has('noRecursion')) return
    const base = path.endsWith('/') ? path : `${path}/`
    let entries: string[]
    try {
      entries = p.readdir(path).map(entry => entry.name)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `${path}: Cannot open: ${thrown.message}` : `can't open '${path}': ${thrown.message}`)
      status = gnu ? 2 : 1
      return
    }
    if (given.value('sort') === 'name') entries.sort()
    for (const entry of entries) yield* add(base + entry)
  }

  function* copy(fd: number, size: number): Routine<void> {
    let left = size
    while (left > 0) {
      const data = yield* readBytes(fd, Math.min(left, 65_536))
      if (data.length === 0) break
      left -= data.length
      yield* put(data)
    }
    p.close(fd)
    const padding = left + ((512 - (size % 512)) % 512)
    for (let rest = padding; rest > 0; rest -= 65_536) yield* put(new Uint8Array(Math.min(rest, 65_536)))
  }

  /** Leading slashes and `..` go, with a word about it the first time. */
  function* relative(path: string): Routine<string> {
    const prefix = unsafePrefix(path)
    if (prefix === '') return path
    const shown = prefix.startsWith('/') && !prefix.includes('..') ? '/' : prefix
    if (!told.has(shown)) {
      told.add(shown)
      yield* error(
        gnu ? `Removing leading \`${shown}' from member names` : `removing leading '${shown}' from member names`,
      )
    }
    return path.slice(prefix.length)
  }

  function memberOf(stat: Stat, name: string): TarMember {
    const named = (text: string | undefined, find: (a: Accounts, t: string) => number | undefined) =>
      text === undefined ? undefined : find(accounts, text.replace(/^\+/, ''))
    const uid = named(given.value('owner'), findUid) ?? stat.uid
    const gid = named(given.value('group'), findGid) ?? stat.gid
    const date = given.value('mtime')
    const mtime = date === undefined ? stat.mtime : (parseGnuDate(date, p.now(), utc) ?? stat.mtime)
    const numeric = given.has('numericOwner')
    return {
      name,
      type: stat.type as TarType,
      mode: stat.mode,
      uid,
      gid,
      user: numeric ? '' : (userName(accounts, uid) ?? ''),
      group: numeric ? '' : (groupName(accounts, gid) ?? ''),
      size: stat.type === 'file' ? stat.size : 0,
      mtime: Math.floor(mtime / 1000),
      target: '',
      rdev: stat.rdev ?? [0, 0],
    }
  }
}

/** Names and -C in order: GNU's -C counts for the names after it, busybox goes there first. */
function steps(
  argv: readonly string[],
  dirs: readonly string[],
  names: readonly string[],
  gnu: boolean,
): ({ dir: string } | { name: string })[] {
  const marked = argv.filter(word => /^(-C|--directory)/.test(word)).length
  if (!gnu || marked !== dirs.length) return [...dirs.map(dir => ({ dir })), ...names.map(name => ({ name }))]
  const list: ({ dir: string } | { name: string })[] = []
  const left = [...names]
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at] ?? ''
    const inline = /^(?:-C(?=.)|--directory=)(.*)$/s.exec(word)
    if (inline) list.push({ dir: inline[1] ?? '' })
    else if (word === '-C' || word === '--directory') list.push({ dir: argv[++at] ?? '' })
    else if (word === left[0]) {
      list.push({ name: word })
      left.shift()
    }
  }
  return [...list, ...left.map(name => ({ name }))]
}

function openArchive(p: Proc, file: string, gnu: boolean): number {
  try {
    return p.open(file, { write: true, create: true, truncate: true }, 0o666)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(
      gnu
        ? `${file}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`
        : `can't open '${file}': ${error.message}`,
    )
  }
}

/** Goes to a directory of -C. */
export function changeTo(p: Proc, dir: string, gnu: boolean): void {
  try {
    p.chdir(dir)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(
      gnu
        ? `${dir}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`
        : `can't change directory to '${dir}': ${error.message}`,
    )
  }
}

function packerFor(given: Options<typeof tarOptions>, file: string): Gzip | Bzip2 | undefined {
  const auto = given.has('auto')
  if (given.has('gzip') || (auto && /\.(tgz|taz|gz)$/.test(file))) return new Gzip()
  return given.has('bzip2') || (auto && /\.(tbz2?|bz2)$/.test(file)) ? new Bzip2() : undefined
}
