/** gzip, gunzip and zcat: one program under three names (busybox and GNU). */
import { isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { Proc, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { expanderFor } from './lib/expander.ts'
import { Gunzip, Gzip, GzipError } from './lib/gzip-stream.ts'
import { readBytes } from './lib/input.ts'

export const options = {
  decompress: '-d --decompress --uncompress  decompress',
  stdout: '-c --stdout --to-stdout  write to standard output, keep the files',
  force: '-f --force  replace files, follow links',
  keep: '-k --keep  keep the files',
  test: '-t --test  test the files',
  level1: '-1 --fast  compress faster',
  level9: '-9 --best  compress better',
  levels: '-2 -3 -4 -5 -6 -7 -8  between those',
  verbose: '-v --verbose  say what is done',
  quiet: '-q --quiet  no warnings',
  list: 'gnu: -l --list  list what the files hold',
  noName: 'gnu: -n --no-name  do not store the name and time',
  name: 'gnu: -N --name  store them',
  recursive: 'gnu: -r --recursive  go through directories',
  suffix: 'gnu: -S=SUF --suffix=SUF  another suffix than .gz',
  rsyncable: 'gnu: --rsyncable  accepted',
}

export const program = command('gzip', options, function* ({ p, out, options: given, args, gnu, error }) {
  const cat = /^g?zcat$/.test(p.name)
  const unpack = given.has('decompress') || given.has('test') || given.has('list') || cat || p.name === 'gunzip'
  const level = given.last('level1', 'level9')
  const suffix = given.value('suffix') ?? '.gz'
  // GNU's gunzip and zcat are scripts around gzip, whose name the messages carry.
  const say = (text: string) => (gnu ? write(2, `gzip: ${text}\n`) : error(text))
  let status = 0
  const queue = args.length === 0 ? ['-'] : [...args]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (file === '-') {
      status = Math.max(status, yield* convert(0, given.has('test') ? undefined : 1, '-'))
      continue
    }
    status = Math.max(status, yield* one(file))
  }
  return status

  function* write(fd: number, text: string): Routine<void> {
    yield* out.flush()
    yield { op: 'write', fd, data: Buffer.from(text, 'latin1') }
  }

  function* one(given0: string): Routine<number> {
    const keepsFile = given.has('stdout') || given.has('test') || given.has('list') || cat
    let file = given0
    let stat = lstatOf(p, file)
    if (!stat && gnu && unpack && !file.endsWith(suffix)) {
      stat = lstatOf(p, file + suffix)
      if (stat) file += suffix
    }
    if (!stat) {
      yield* say(`${gnu && unpack && !file.endsWith(suffix) ? file + suffix : file}: No such file or directory`)
      return 1
    }
    if (stat.type === 'dir') {
      if (given.has('recursive')) {
        queue.unshift(...p.readdir(file).map(entry => `${file.replace(/\/$/, '')}/${entry.name}`))
        return 0
      }
      yield* say(gnu ? `${file} is a directory -- ignored` : `can't remove file '${file}': Is a directory`)
      return gnu ? 2 : 1
    }
    if (gnu && !keepsFile && !given.has('force')) {
      if (stat.type !== 'file') {
        yield* say(`${file} is not a directory or a regular file - ignored`)
        return 2
      }
      if (stat.nlink > 1) {
        yield* say(`${file} has ${stat.nlink - 1} other link${stat.nlink > 2 ? 's' : ''} -- file ignored`)
        return 2
      }
    }
    let target: string | undefined
    if (unpack) {
      target = unpackedName(file, suffix)
      if (target === undefined && !keepsFile) {
        yield* say(gnu ? `${file}: unknown suffix -- ignored` : `${file}: unknown suffix - ignored`)
        return gnu ? 2 : 1
      }
    } else if (gnu && file.endsWith(suffix) && !keepsFile) {
      yield* say(`${file} already has ${suffix} suffix -- unchanged`)
      return 2
    } else target = file + suffix
    let from: number
    try {
      from = p.open(file, { read: true })
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* say(`${file}: ${thrown.message}`)
      return 1
    }
    if (given.has('list')) return yield* list(from, file, stat)
    if (keepsFile) {
      const code = yield* convert(from, given.has('test') ? undefined : 1, file)
      p.close(from)
      return code
    }
    const to = target ?? ''
    if (lstatOf(p, to) && !given.has('force')) {
      if (gnu) {
        yield* write(
          2,
          `gzip: ${to} already exists;${p.isatty(0) ? ' do you wish to overwrite (y or n)? ' : '\tnot overwritten\n'}`,
        )
        return 2
      }
      yield* say(`can't open '${to}': File exists`)
      return 1
    }
    const fd = p.open(to, { write: true, create: true, truncate: true }, 0o600)
    const code = yield* convert(
      from,
      fd,
      file,
      gnu && !given.has('noName') ? { name: file.split('/').pop() ?? file, mtime: Math.floor(stat.mtime / 1000) } : {},
    )
    p.close(from)
    p.close(fd)
    if (code === 1) {
      p.unlink(to)
      return 1
    }
    copyAttributes(p, to, stat)
    if (given.has('verbose')) {
      const after = p.stat(to).size
      const saved = unpack ? 1 - stat.size / Math.max(1, after) : 1 - after / Math.max(1, stat.size)
      const verb = given.has('keep') ? 'created' : 'replaced with'
      yield* write(
        2,
        gnu
          ? `${file}:\t${percent(saved)} -- ${verb} ${to}\n`
          : `${file}: ${Math.min(100, Math.round((after * 100) / Math.max(1, stat.size)))}% - replaced with ${to}\n`,
      )
    }
    if (!given.has('keep')) p.unlink(file)
    return code
  }

  /** Copies one stream, compressing or decompressing. 1: failed. Without `to` the output is only checked. */
  function* convert(
    from: number,
    to: number | undefined,
    file: string,
    head: { name?: string; mtime?: number } = {},
  ): Routine<number> {
    const name = file === '-' ? 'stdin' : file
    try {
      if (!unpack) {
        if (gnu && to === 1 && p.isatty(1) && !given.has('force')) {
          yield* write(
            2,
            'gzip: compressed data not written to a terminal. Use -f to force compression.\nFor help, type: gzip -h\n',
          )
          return 1
        }
        const gzip = new Gzip({ level: level === 'level1' ? 1 : level === 'level9' ? 9 : 6, ...head })
        for (;;) {
          const data = yield* readBytes(from)
          for (const piece of gzip.push(data, data.length === 0))
            if (to !== undefined) yield { op: 'write', fd: to, data: piece }
          if (data.length === 0) return 0
        }
      }
      let expander: ReturnType<typeof expanderFor>
      for (;;) {
        const data = yield* readBytes(from)
        // Busybox's zcat takes what it can.
        expander ??= (cat && !gnu ? expanderFor(data) : undefined) ?? new Gunzip()
        for (const piece of expander.push(data, data.length === 0))
          if (to !== undefined) yield { op: 'write', fd: to, data: piece }
        if (data.length === 0) return 0
      }
    } catch (thrown) {
      if (thrown instanceof GzipError) {
        yield* gnu
          ? write(2, `\ngzip: ${name}: ${gnuWords[thrown.kind]}\n`)
          : say(cat && thrown.kind === 'magic' ? 'no gzip/bzip2/xz magic' : busyboxWords[thrown.kind])
        // Busybox's zcat decompresses in a child, whose status it does not look at.
        return cat && !gnu && thrown.kind !== 'magic' && thrown.kind !== 'empty' ? 0 : 1
      }
      if (isErrno(thrown, 'EISDIR')) {
        yield* say(gnu ? `${name} is a directory -- ignored` : `read error: ${thrown.message}`)
        return gnu ? 2 : 1
      }
      throw thrown
    }
  }

  function* list(from: number, file: string, stat: Stat): Routine<number> {
    let size = 0
    const gunzip = new Gunzip()
    try {
      for (let data = yield* readBytes(from); ; data = yield* readBytes(from)) {
        for (const piece of gunzip.push(data, data.length === 0)) size += piece.length
        if (data.length === 0) break
      }
    } catch (thrown) {
      if (!(thrown instanceof GzipError)) throw thrown
      yield* write(2, `\ngzip: ${file}: ${gnuWords[thrown.kind]}\n`)
      return 1
    }
    p.close(from)
    const ratio = percent(size === 0 ? 0 : 1 - (stat.size - 18) / size)
    yield* out.write(
      `         compressed        uncompressed  ratio uncompressed_name\n${String(stat.size).padStart(19)} ${String(size).padStart(19)} ${ratio} ${unpackedName(file, suffix) ?? file}\n`,
    )
    return 0
  }
})

const busyboxWords = {
  empty: 'invalid magic',
  magic: 'invalid magic',
  short: 'unexpected end of file',
  cut: 'corrupted data',
  corrupted: 'corrupted data',
  crc: 'crc error',
}
const gnuWords = {
  empty: 'unexpected end of file',
  magic: 'not in gzip format',
  short: 'unexpected end of file',
  cut: 'unexpected end of file',
  corrupted: 'invalid compressed data--format violated',
  crc: 'invalid compressed data--crc error',
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`.padStart(6)
}

function unpackedName(file: string, suffix: string): string | undefined {
  if (file.endsWith(suffix)) return file.slice(0, -suffix.length)
  const match = /^(.+)\.(tgz|taz)$/.exec(file)
  if (match) return `${match[1]}.tar`
  return file.endsWith('.Z') ? file.slice(0, -2) : undefined
}

function lstatOf(p: Proc, path: string): Stat | undefined {
  try {
    return p.lstat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function copyAttributes(p: Proc, path: string, stat: Stat): void {
  try {
    p.setattr(path, { uid: stat.uid, gid: stat.gid })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  p.setattr(path, { mode: stat.mode, mtime: stat.mtime, atime: stat.atime })
}
