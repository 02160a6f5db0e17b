/** Listing and unpacking an archive. */

import { type Errno, isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { type Call, isDebianBusybox } from './command.ts'
import { exists } from './exists.ts'
import { Failure } from './failure.ts'
import { modeString } from './mode.ts'
import { strftime } from './strftime.ts'
import { changeTo } from './tar-create.ts'
import type { TarMember } from './tar-format.ts'
import { TarInput } from './tar-input.ts'
import { isExcluded, stripParts, unsafePrefix, wantedName } from './tar-names.ts'
import type { tarOptions } from './tar-options.ts'
import { findGid, findUid, readAccounts } from './users.ts'
import { breakDown, zoneFor } from './zone.ts'

export function* extractArchive(
  call: Call<typeof tarOptions>,
  list: boolean,
  wanted: readonly string[],
  exclude: readonly string[],
): Routine<number> {
  const { p, out, options: given, gnu, error } = call
  const file = given.value('file') ?? '-'
  const source = file === '-' ? 0 : openArchive(p, file, gnu)
  for (const dir of given.values('directory')) changeTo(p, dir, gnu)
  const input = new TarInput(source, {
    format: given.last('gzip', 'bzip2'),
    // Debian builds its busybox without that.
    plain: !gnu && isDebianBusybox(p),
    // GNU looks at files by name only.
    told: gnu && source === 0,
  })
  const accounts = yield* readAccounts(p)
  const strip = Number(given.value('strip') ?? 0)
  const verbose = given.count('verbose')
  const root = p.cred.uid === 0
  const umask = p.umask()
  const found = new Set<string>()
  const told = new Set<string>()
  /** GNU gives directories their times and modes at the end. */
  const later: { path: string; member: TarMember }[] = []
  let status = 0
  let ownerWidth = 19

  for (let member = yield* input.next(); member; member = yield* input.next()) {
    if (wanted.length > 0) {
      const want = wantedName(member.name, wanted)
      if (want === undefined) continue
      found.add(want)
    }
    if (isExcluded(member.name, exclude, gnu)) continue
    if (list) {
      yield* out.write(`${verbose > 0 ? long(member) : member.name}\n`)
      continue
    }
    const plain = stripParts(member.name, strip)
    if (plain === undefined) continue
    const path = given.has('absolute') ? plain : yield* relative(plain)
    if (path === '') continue
    if (verbose > 0) {
      const text = `${verbose > 1 ? long(member) : member.name}\n`
      if (given.has('stdout')) yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
      else yield* out.write(text)
    }
    if (given.has('stdout')) {
      if (member.type !== 'file') continue
      yield* out.flush()
      for (let data = yield* input.content(); data; data = yield* input.content()) yield { op: 'write', fd: 1, data }
      continue
    }
    try {
      yield* extract(path, member)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      if (!gnu) throw new Failure(busyboxWords(path, member, thrown))
      yield* error(gnuWords(path, member, thrown))
      status = 2
    }
  }
  for (const { path, member } of later.reverse()) attributes(path, member)
  for (const name of wanted) {
    if (found.has(name)) continue
    yield* error(gnu ? `${name}: Not found in archive` : `${name}: not found in archive`)
    status = gnu ? 2 : 1
  }
  if (gnu && status !== 0) yield* error('Exiting with failure status due to previous errors')
  if (source !== 0) p.close(source)
  return status

  function long(member: TarMember): string {
    const numeric = given.has('numericOwner') && gnu
    const owner = numeric || member.user === '' ? String(member.uid) : member.user
    const group = numeric || member.group === '' ? String(member.gid) : member.group
    const letter = member.type === 'link' && gnu ? 'h' : undefined
    const mode = modeString(member.type === 'link' ? 'file' : member.type, member.mode)
    const size = member.type === 'char' || member.type === 'block' ? member.rdev.join(',') : String(member.size)
    const time = breakDown(Math.floor(member.mtime) * 1000, zoneFor(p.env.get('TZ')))
    const link =
      member.type === 'symlink' || (member.type === 'link' && !gnu)
        ? ` -> ${member.target}`
        : member.type === 'link'
          ? ` link to ${member.target}`
          : ''
    const start = letter === undefined ? mode : letter + mode.slice(1)
    if (!gnu)
      return `${start} ${owner}/${group} ${size.padStart(9)} ${strftime('%Y-%m-%d %H:%M:%S', time)} ${member.name}${link}`
    const owners = `${owner}/${group}`
    ownerWidth = Math.max(ownerWidth, owners.length + 1 + size.length)
    return `${start} ${owners}${size.padStart(ownerWidth - owners.length)} ${strftime('%Y-%m-%d %H:%M', time)} ${member.name}${link}`
  }

  function* relative(name: string): Routine<string> {
    const prefix = unsafePrefix(name)
    if (prefix === '') return name
    const shown = prefix.startsWith('/') && !prefix.includes('..') ? '/' : prefix
    if (!told.has(shown)) {
      told.add(shown)
      yield* error(
        gnu ? `Removing leading \`${shown}' from member names` : `removing leading '${shown}' from member names`,
      )
    }
    return name.slice(prefix.length)
  }

  function* extract(path: string, member: TarMember): Routine<void> {
    const target = path.replace(/\/+$/, '')
    if (target === '' || target === '.') {
      if (member.type === 'dir' && gnu) later.push({ path: '.', member })
      return
    }
    parents(p, target)
    if (member.type === 'dir') {
      try {
        p.mkdir(target, 0o777)
      } catch (thrown) {
        if (!isErrno(thrown, 'EEXIST') || p.lstat(target).type !== 'dir') throw thrown
      }
      if (gnu) later.push({ path: target, member })
      else attributes(target, member)
      return
    }
    if (given.has('skipOld') && exists(p, target)) return
    if (!given.has('keep')) remove(p, target)
    switch (member.type) {
      case 'file': {
        const fd = p.open(target, { write: true, create: true, exclusive: true }, member.mode & 0o777)
        for (let data = yield* input.content(); data; data = yield* input.content()) yield { op: 'write', fd, data }
        p.close(fd)
        break
      }
      case 'link':
        p.link(yield* relative(stripParts(member.target, strip) ?? member.target), target)
        return
      case 'symlink':
        p.symlink(member.target, target)
        break
      default:
        p.mknod(target, member.type, member.mode, member.rdev)
    }
    attributes(target, member)
  }

  function attributes(path: string, member: TarMember): void {
    const link = member.type === 'symlink'
    const options = { noFollow: link }
    if ((root || given.has('sameOwner')) && !given.has('noOwner')) {
      const numeric = given.has('numericOwner')
      const uid = numeric || member.user === '' ? member.uid : (findUid(accounts, member.user) ?? member.uid)
      const gid = numeric || member.group === '' ? member.gid : (findGid(accounts, member.group) ?? member.gid)
      try {
        p.setattr(path, { uid, gid }, options)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
      }
    }
    const exact = root || given.has('permissions')
    if (!link && !given.has('noPermissions'))
      p.setattr(path, { mode: exact ? member.mode : member.mode & 0o777 & ~umask })
    if (!given.has('noMtime') && (!link || gnu))
      p.setattr(path, { mtime: member.mtime * 1000, atime: gnu ? p.now() : member.mtime * 1000 }, options)
  }
}

function busyboxWords(path: string, member: TarMember, thrown: Errno): string {
  switch (member.type) {
    case 'dir':
      return `can't make dir ${path.replace(/\/$/, '')}: ${thrown.message}`
    case 'link':
      return `can't create hardlink '${path}' to '${member.target}': ${thrown.message}`
    case 'symlink':
      return `can't create symlink '${path}' to '${member.target}': ${thrown.message}`
    case 'file':
      return `can't open '${path}': ${thrown.message}`
    default:
      return `can't create node ${path}: ${thrown.message}`
  }
}

function gnuWords(path: string, member: TarMember, thrown: Errno): string {
  switch (member.type) {
    case 'dir':
      return `${path}: Cannot mkdir: ${thrown.message}`
    case 'link':
      return `${path}: Cannot hard link to '${member.target}': ${thrown.message}`
    case 'symlink':
      return `${path}: Cannot create symlink to '${member.target}': ${thrown.message}`
    case 'fifo':
      return `${path}: Cannot mkfifo: ${thrown.message}`
    case 'file':
      return `${path}: Cannot open: ${thrown.message}`
    default:
      return `${path}: Cannot mknod: ${thrown.message}`
  }
}

function openArchive(p: Proc, file: string, gnu: boolean): number {
  try {
    return p.open(file, { read: true })
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(
      gnu
        ? `${file}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`
        : `can't open '${file}': ${error.message}`,
    )
  }
}

/** Makes the directories above a path. */
function parents(p: Proc, path: string): void {
  for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1)) {
    try {
      p.mkdir(path.slice(0, at), 0o777)
    } catch (error) {
      if (!isErrno(error) || (error.code !== 'EEXIST' && error.code !== 'EROFS' && error.code !== 'EACCES')) throw error
    }
  }
}

/** Takes away what is in the way of a file; a directory with something in it stays. */
function remove(p: Proc, path: string): void {
  try {
    if (p.lstat(path).type === 'dir') p.rmdir(path)
    else p.unlink(path)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}
