/** unzip: lists and unpacks ZIP archives (busybox, and the words of Info-ZIP under `gnu`). */

import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { exists } from './lib/exists.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { fnmatch } from './lib/fnmatch.ts'
import { Inflate, InflateError } from './lib/inflate.ts'
import { readBytes } from './lib/input.ts'
import { strftime } from './lib/strftime.ts'
import { unsafePrefix } from './lib/tar-names.ts'
import { readDirectory, type ZipMember } from './lib/zip-format.ts'
import { breakDown, utc } from './lib/zone.ts'

export const options = {
  list: '-l  list',
  test: '-t  test',
  never: '-n  never overwrite',
  overwrite: '-o  overwrite',
  junk: '-j  no directories',
  print: '-p  to standard output',
  quiet: '-q  quiet',
  dir: '-d=DIR  unpack into DIR',
  exclude: '-x=FILE  leave out',
}

export const program = command(
  'unzip',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    const [archive, ...wanted] = args
    if (archive === undefined) throw new UsageError('', gnu ? 10 : 1)
    const exclude = given.values('exclude')
    const fd = open(p, archive)
    if (fd === undefined) {
      if (gnu) {
        yield* say(`unzip:  cannot find or open ${archive}, ${archive}.zip or ${archive}.ZIP.\n`)
        return 9
      }
      throw new Failure(`can't open ${archive}[.zip]`)
    }
    const members = (yield* readDirectory(p, fd)).filter(
      ({ name }) =>
        (wanted.length === 0 || wanted.some(pattern => fnmatch(pattern, name))) &&
        !exclude.some(pattern => fnmatch(pattern, name)),
    )
    const loud = !given.has('quiet') && !given.has('print')
    if (loud) yield* out.write(`Archive:  ${archive}\n`)
    if (given.has('list')) {
      yield* list(members)
      return 0
    }
    const dir = given.value('dir')
    if (dir !== undefined && !given.has('print') && !given.has('test')) {
      makeParents(p, `${dir}/x`)
      p.chdir(dir)
    }
    let status = 0
    for (const member of members) {
      const base = member.name.slice(unsafePrefix(member.name).length)
      const name = given.has('junk') ? (base.split('/').pop() ?? '') : base
      if (given.has('print')) {
        yield* out.flush()
        yield* unpack(member, 1)
        continue
      }
      if (given.has('test')) {
        yield* unpack(member, undefined)
        if (loud)
          yield* out.write(gnu ? `    testing: ${member.name.padEnd(24)} OK\n` : `  inflating: ${member.name}\n`)
        continue
      }
      if (name === '') continue
      if (name.endsWith('/')) {
        if (!exists(p, name)) {
          if (loud) yield* out.write(`   creating: ${shown(name)}\n`)
          makeParents(p, `${name}x`)
        }
        continue
      }
      makeParents(p, name)
      if (exists(p, name) && !given.has('overwrite')) {
        if (given.has('never')) continue
        yield* say(`replace ${name}? [y]es, [n]o, [A]ll, [N]one, [r]ename: `)
        const answer = Buffer.from(yield* readBytes(0, 64)).toString('latin1')
        if (answer === '') {
          if (gnu) yield* say(' NULL\n(EOF or read error, treating as "[N]one" ...)\n')
          return 1
        }
        if (!/^[yA]/.test(answer)) continue
      }
      if (loud)
        yield* out.write(
          `${gnu && member.method === 0 ? ' extracting' : '  inflating'}: ${shown(name)}${gnu ? '  ' : ''}\n`,
        )
      yield* out.flush()
      const target = p.open(
        name,
        { write: true, create: true, truncate: true },
        member.mode === 0 ? 0o666 : member.mode & 0o777,
      )
      yield* unpack(member, target)
      p.close(target)
      p.setattr(name, { mtime: member.mtime, ...(member.mode === 0 ? {} : { mode: member.mode & 0o777 }) })
    }
    if (given.has('test') && gnu && loud) yield* out.write(`No errors detected in compressed data of ${archive}.\n`)
    if (wanted.length > 0 && members.length === 0) {
      for (const name of wanted)
        yield* gnu ? say(`caution: filename not matched:  ${name}\n`) : error(`${name}: not found in archive`)
      status = gnu ? 11 : 1
    }
    return status

    function shown(name: string): string {
      return dir === undefined ? name : `${dir.replace(/\/$/, '')}/${name}`
    }

    function* say(text: string): Routine<void> {
      yield* out.flush()
      yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
    }

    function* list(shownMembers: readonly ZipMember[]): Routine<void> {
      if (loud) yield* out.write('  Length      Date    Time    Name\n---------  ---------- -----   ----\n')
      let total = 0
      for (const member of shownMembers) {
        total += member.size
        const time = strftime(gnu ? '%Y-%m-%d %H:%M' : '%m-%d-%Y %H:%M', breakDown(member.mtime, utc))
        yield* out.write(loud ? `${String(member.size).padStart(9)}  ${time}   ${member.name}\n` : `${member.name}\n`)
      }
      if (loud)
        yield* out.write(
          `---------                     -------\n${String(total).padStart(9)}                     ${shownMembers.length} file${shownMembers.length === 1 ? '' : 's'}\n`,
        )
    }

    function* unpack(member: ZipMember, target: number | undefined): Routine<void> {
      if (member.method !== 0 && member.method !== 8) throw new Failure(`unsupported method ${member.method}`)
      p.seek(fd ?? 0, member.offset, 'set')
      const head = yield* readBytes(fd ?? 0, 30)
      if (head.length < 30) throw new Failure('short read')
      p.seek(
        fd ?? 0,
        member.offset + 30 + (head[26] ?? 0) + ((head[27] ?? 0) << 8) + (head[28] ?? 0) + ((head[29] ?? 0) << 8),
        'set',
      )
      const inflate = member.method === 8 ? new Inflate() : undefined
      try {
        for (let left = member.compressed; left > 0; ) {
          const data = yield* readBytes(fd ?? 0, Math.min(left, 4096))
          if (data.length === 0) throw new Failure('short read')
          left -= data.length
          for (const piece of inflate ? inflate.push(data, left === 0) : [data]) {
            if (target !== undefined) yield { op: 'write', fd: target, data: piece }
          }
        }
      } catch (thrown) {
        if (!(thrown instanceof InflateError)) throw thrown
        throw new Failure('corrupted data')
      }
    }
  },
  { gnuErrorStatus: 9 },
)

function open(p: Proc, archive: string): number | undefined {
  for (const name of [archive, `${archive}.zip`, `${archive}.ZIP`]) {
    try {
      return p.open(name, { read: true })
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  return undefined
}

function makeParents(p: Proc, path: string): void {
  for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1)) {
    try {
      p.mkdir(path.slice(0, at), 0o777)
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
    }
  }
}
