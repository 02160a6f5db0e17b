/** What find does with files: print, list, delete, execute. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Routine } from '../../program.ts'
import type { Call } from './command.ts'
import { unescapeText } from './escapes.ts'
import type { Found } from './find-tests.ts'
import { modeString } from './mode.ts'
import { confirm } from './prompt.ts'
import { exitCode, spawnProgram, waitFor } from './spawn.ts'
import { strftime } from './strftime.ts'
import { type Accounts, groupName, userName } from './users.ts'
import { dirName } from './walk.ts'
import { breakDown, zoneFor } from './zone.ts'

/** Bytes of arguments that -exec … + gives one command, as ARG_MAX would limit them. */
const argumentLimit = 128 * 1024

export class FindActions {
  failed = false
  private readonly call: Call<Record<string, string>>
  private readonly accounts: Accounts
  private gathered: { argv: string[]; paths: string[]; size: number }[] = []

  constructor(call: Call<Record<string, string>>, accounts: Accounts) {
    this.call = call
    this.accounts = accounts
  }

  *print(found: Found, end: string): Routine<boolean> {
    yield* this.call.out.write(found.path + end)
    return true
  }

  /** -ls: inode, blocks, and what `ls -l` shows. */
  *list({ path, stat }: Found): Routine<boolean> {
    const { p, out, gnu } = this.call
    const blocks = stat.type === 'dir' ? 4 : stat.type === 'file' ? Math.ceil(stat.size / 4096) * 4 : 0
    const owner = userName(this.accounts, stat.uid) ?? String(stat.uid)
    const group = groupName(this.accounts, stat.gid) ?? String(stat.gid)
    const old = p.now() - stat.mtime > 31_556_952_000 / 2
    const time = strftime(old ? '%b %e  %Y' : '%b %e %H:%M', breakDown(stat.mtime, zoneFor(p.env.get('TZ'))))
    const link = stat.type === 'symlink' ? ` -> ${p.readlink(path)}` : ''
    const [inode, links] = gnu
      ? [String(stat.ino).padStart(9), String(stat.nlink).padStart(3)]
      : [String(stat.ino).padStart(7), String(stat.nlink).padStart(4)]
    const blockText = String(blocks).padStart(gnu ? 6 : 6)
    yield* out.write(
      `${inode} ${blockText} ${modeString(stat.type, stat.mode)} ${links} ${owner.padEnd(8)} ${group.padEnd(8)} ${String(stat.size).padStart(gnu ? 8 : 9)} ${time} ${path}${link}\n`,
    )
    return true
  }

  *remove({ path, stat }: Found): Routine<boolean> {
    const { p, gnu, error } = this.call
    if (path === '.' || path === '..') return true
    try {
      if (stat.type === 'dir') p.rmdir(path)
      else p.unlink(path)
      return true
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `cannot delete '${path}': ${thrown.message}` : `${path}: ${thrown.message}`)
      this.failed = true
      return false
    }
  }

  *execute(argv: readonly string[], found: Found, option: string): Routine<boolean> {
    const { p } = this.call
    const inDir = option === '-execdir'
    const shown = inDir ? `./${found.name}` : found.path
    const filled = argv.map(word => word.replaceAll('{}', shown))
    yield* this.call.out.flush()
    if (option === '-ok' && !(yield* confirm(`< ${filled[0] ?? ''} ... ${found.path} > ? `))) return false
    return (yield* this.start(filled, inDir ? { cwd: p.realpath(dirName(found.path)) } : {})) === 0
  }

  /** -exec … +: collects paths, and runs the command when there are many. */
  *gather(argv: string[], found: Found): Routine<boolean> {
    let batch = this.gathered.find(one => one.argv === argv || one.argv.join('\0') === argv.join('\0'))
    if (!batch) this.gathered.push((batch = { argv, paths: [], size: 0 }))
    batch.paths.push(found.path)
    batch.size += found.path.length + 9
    if (batch.size > argumentLimit) yield* this.runBatch(batch)
    return true
  }

  /** Runs what is still collected. */
  *finish(): Routine<void> {
    for (const batch of this.gathered) yield* this.runBatch(batch)
  }

  private *runBatch(batch: { argv: string[]; paths: string[]; size: number }): Routine<void> {
    if (batch.paths.length === 0) return
    const { paths } = batch
    const argv = batch.argv.flatMap(word => (word === '{}' ? paths : [word]))
    batch.paths = []
    batch.size = 0
    yield* this.call.out.flush()
    if ((yield* this.start(argv, {})) !== 0) this.failed = true
  }

  private *start(argv: string[], more: { cwd?: string }): Routine<number> {
    const { p, gnu, error } = this.call
    try {
      return exitCode(yield* waitFor(spawnProgram(p, argv, more)))
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `'${argv[0] ?? ''}': ${thrown.message}` : `${argv[0] ?? ''}: ${thrown.message}`)
      return 127
    }
  }

  /** GNU -printf: the common directives. */
  *printf({ path, name, stat, depth, start }: Found, format: string): Routine<boolean> {
    const { p, out } = this.call
    const text = unescapeText(format).replace(/%(-?\d*)([TAC].|[a-zA-Z%])/g, (whole, width: string, letter: string) => {
      const pad = (value: string) =>
        width.startsWith('-') ? value.padEnd(Number(width.slice(1))) : value.padStart(Number(width))
      const time = { T: stat.mtime, A: stat.atime, C: stat.ctime }[letter.charAt(0)]
      if (letter.length === 2 && time !== undefined) {
        const broken = breakDown(time, zoneFor(p.env.get('TZ')))
        return pad(
          letter.endsWith('@')
            ? `${(time / 1000).toFixed(10)}`
            : strftime(letter.endsWith('+') ? '%F+%T.%N0' : `%${letter.charAt(1)}`, broken, true),
        )
      }
      const types: Record<string, string> = {
        file: 'f',
        dir: 'd',
        symlink: 'l',
        char: 'c',
        block: 'b',
        fifo: 'p',
        socket: 's',
      }
      const values: Record<string, () => string> = {
        p: () => path,
        f: () => name,
        h: () => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'),
        H: () => start,
        P: () => (path === start ? '' : path.slice(start.length).replace(/^\/+/, '')),
        s: () => String(stat.size),
        m: () => stat.mode.toString(8),
        M: () => modeString(stat.type, stat.mode),
        u: () => userName(this.accounts, stat.uid) ?? String(stat.uid),
        g: () => groupName(this.accounts, stat.gid) ?? String(stat.gid),
        U: () => String(stat.uid),
        G: () => String(stat.gid),
        i: () => String(stat.ino),
        n: () => String(stat.nlink),
        d: () => String(depth),
        y: () => types[stat.type] ?? 'U',
        l: () => (stat.type === 'symlink' ? p.readlink(path) : ''),
        t: () => strftime('%a %b %e %H:%M:%S.%N0 %Y', breakDown(stat.mtime, zoneFor(p.env.get('TZ'))), true),
        k: () => String(Math.ceil(stat.size / 1024)),
        b: () => String(Math.ceil(stat.size / 4096) * 8),
        '%': () => '%',
      }
      const value = Object.hasOwn(values, letter) ? values[letter] : undefined
      return value ? pad(value()) : whole
    })
    yield* out.write(text)
    return true
  }
}
