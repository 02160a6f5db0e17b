/** stat: what is known about files (-c FORMAT) and file systems (-f). */
import { isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { Proc } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { unescapeText } from './lib/escapes.ts'
import { UsageError } from './lib/failure.ts'
import { modeString, rawMode } from './lib/mode.ts'
import { strftime } from './lib/strftime.ts'
import { type Accounts, groupName, readAccounts, userName } from './lib/users.ts'
import { breakDown, type Zone, zoneFor } from './lib/zone.ts'

export const options = {
  format: '-c --format=FORMAT  in this format',
  printf: 'gnu: --printf=FORMAT  like --format, with escapes and no newline',
  fileSystem: '-f --file-system  the file system',
  dereference: '-L --dereference  what links lead to',
  terse: '-t --terse  in one line',
}

interface View {
  accounts: Accounts
  zone: Zone
  gnu: boolean
  /** The default output quotes only names that need it; `%N` in a format all. */
  plainNames: boolean
}

export const program = command('stat', options, function* (call) {
  const { p, out, options: given, args, gnu, error } = call
  if (args.length === 0) throw new UsageError(gnu ? 'missing operand' : '')
  const view: View = { accounts: yield* readAccounts(p), zone: zoneFor(p.env.get('TZ')), gnu, plainNames: false }
  const printf = given.value('printf')
  const format = given.value('format')
  let status = 0
  for (const path of args) {
    try {
      if (given.has('fileSystem')) {
        yield* out.write(fileSystemText(call, path))
        continue
      }
      const stat = given.has('dereference') ? p.stat(path) : p.lstat(path)
      const fill = (text: string) => expand(gnu, text, letter => field(letter, path, stat, p, view))
      if (printf !== undefined) yield* out.write(unescapeText(fill(printf), { hex: true }))
      else if (format !== undefined) yield* out.write(`${fill(format)}\n`)
      else if (given.has('terse'))
        yield* out.write(`${fill(`%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z${gnu ? ' %W' : ''} %o`)}\n`)
      else
        yield* out.write(
          expand(gnu, defaultFormat(stat, gnu), letter => field(letter, path, stat, p, { ...view, plainNames: true })),
        )
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      const fs = given.has('fileSystem') ? 'read file system information for' : 'stat'
      yield* error(
        gnu
          ? fs === 'stat'
            ? `cannot statx '${path}': ${thrown.message}`
            : `cannot read file system information for '${path}': ${thrown.message}`
          : `can't ${fs === 'stat' ? 'stat' : 'read file system information for'} '${path}': ${thrown.message}`,
      )
      status = 1
    }
  }
  return status
})

function defaultFormat(stat: Stat, gnu: boolean): string {
  const device = stat.type === 'char' || stat.type === 'block'
  const ids = `Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\n`
  if (!gnu) {
    const links = device ? 'Links: %-5h Device type: %t,%T\n' : 'Links: %h\n'
    return `  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Dh/%dd\tInode: %-10i  ${links}${ids}Access: %x\nModify: %y\nChange: %z\n`
  }
  const links = device ? '%-5h Device type: %Hr,%Lr\n' : '%h\n'
  return `  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-11i Links: ${links}${ids}Access: %x\nModify: %y\nChange: %z\n Birth: %w\n`
}

/** Fills `%[flags][width][.precision]LETTER` (GNU: also `%Hd`, `%Lr`). */
function expand(gnu: boolean, format: string, value: (letter: string) => string | undefined): string {
  return format.replace(
    /%([-#0+ ]*)(\d*)(?:\.(\d+))?([HL][dr]|.|$)/gs,
    (_, flags: string, width: string, precision: string | undefined, letter: string) => {
      if (letter === '%') return '%'
      let text = value(letter)
      if (text === undefined) return gnu && letter !== '' ? '?' : letter
      if (precision !== undefined && !/^[sbBdDfghiotTuXYZW]$/.test(letter)) text = text.slice(0, Number(precision))
      const size = Math.min(Number(width || 0), 4096)
      if (flags.includes('-')) return text.padEnd(size)
      return text.padStart(size, flags.includes('0') && /^\d/.test(text) ? '0' : ' ')
    },
  )
}

const typeNames: Readonly<Record<Stat['type'], string>> = {
  file: 'regular file',
  dir: 'directory',
  symlink: 'symbolic link',
  char: 'character special file',
  block: 'block special file',
  fifo: 'fifo',
  socket: 'socket',
}

function field(
  letter: string,
  path: string,
  stat: Stat,
  p: Proc,
  { accounts, zone, gnu, plainNames }: View,
): string | undefined {
  const [major, minor] = stat.rdev ?? [0, 0]
  const special = stat.type === 'char' || stat.type === 'block'
  const device = () => p.device(path)
  const human = (ms: number) => strftime(`%Y-%m-%d %H:%M:%S.%N %z`, breakDown(ms, zone), true)
  switch (letter) {
    case 'a':
      return stat.mode.toString(8)
    case 'A':
      return modeString(stat.type, stat.mode)
    case 'b':
      return String(stat.type === 'dir' ? 8 : stat.type === 'file' ? Math.ceil(stat.size / 4096) * 8 : 0)
    case 'B':
      return '512'
    case 'C':
      return gnu ? '?' : undefined
    case 'd':
      return String(device())
    case 'D':
      return device().toString(16)
    case 'Hd':
      return String((device() >> 8) & 0xfff)
    case 'Ld':
      return String(device() & 0xff)
    case 'f':
      return rawMode(stat.type, stat.mode).toString(16)
    case 'F':
      return stat.type === 'file' && stat.size === 0 ? 'regular empty file' : typeNames[stat.type]
    case 'g':
      return String(stat.gid)
    case 'G':
      return groupName(accounts, stat.gid) ?? 'UNKNOWN'
    case 'h':
      return String(stat.nlink)
    case 'i':
      return String(stat.ino)
    case 'm':
      return gnu ? p.statfs(path).mountPoint : undefined
    case 'n':
      return path
    case 'N': {
      const shown = (name: string) => (gnu ? (plainNames ? gnuName(name) : quote(name)) : name)
      if (stat.type !== 'symlink') return shown(path)
      const target = p.readlink(path)
      return gnu ? `${shown(path)} -> ${shown(target)}` : `'${path}' -> '${target}'`
    }
    case 'o':
      return '4096'
    case 's':
      return String(stat.size)
    case 't':
      return (special ? major : 0).toString(16)
    case 'T':
      return (special ? minor : 0).toString(16)
    case 'Hr':
      return String(major)
    case 'Lr':
      return String(minor)
    case 'r':
      return String((major << 8) | minor)
    case 'u':
      return String(stat.uid)
    case 'U':
      return userName(accounts, stat.uid) ?? 'UNKNOWN'
    case 'w':
      return gnu ? human(stat.ctime) : undefined
    case 'W':
      return gnu ? String(Math.floor(stat.ctime / 1000)) : undefined
    case 'x':
      return human(stat.atime)
    case 'X':
      return String(Math.floor(stat.atime / 1000))
    case 'y':
      return human(stat.mtime)
    case 'Y':
      return String(Math.floor(stat.mtime / 1000))
    case 'z':
      return human(stat.ctime)
    case 'Z':
      return String(Math.floor(stat.ctime / 1000))
  }
  return undefined
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** A name, quoted only when a shell would need it. */
function gnuName(path: string): string {
  return /^[A-Za-z0-9_./@%+=:,-]+$/.test(path) ? path : quote(path)
}

function fileSystemText({ p, options: given, gnu }: Call<typeof options>, path: string): string {
  p.stat(path)
  const fs = p.statfs(path)
  const size = 4096
  const value = (letter: string): string | undefined => {
    switch (letter) {
      case 'n':
        return path
      case 'i':
        return '0'
      case 'l':
        return '255'
      case 't':
        return typeMagic.get(fs.type) ?? '0'
      case 'T':
        return gnu && fs.type === 'overlay' ? 'overlayfs' : fs.type === 'overlay' ? 'UNKNOWN' : fs.type
      case 's':
      case 'S':
        return String(size)
      case 'b':
        return String(Math.floor(fs.total / size))
      case 'f':
      case 'a':
        return String(Math.floor(fs.free / size))
      case 'c':
        return String(fs.files)
      case 'd':
        return String(fs.filesFree)
    }
    return undefined
  }
  const format = given.value('format')
  if (format !== undefined) return `${expand(gnu, format, value)}\n`
  if (given.has('terse')) return `${expand(gnu, '%n %i %l %t %s %S %b %f %a %c %d', value)}\n`
  return expand(
    gnu,
    `  File: "%n"\n    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s Fundamental block size: %S\nBlocks: Total: %-10b Free: %-10f Available: %a\nInodes: Total: %-10c Free: %d\n`,
    value,
  )
}

const typeMagic: ReadonlyMap<string, string> = new Map([
  ['overlay', '794c7630'],
  ['tmpfs', '1021994'],
  ['proc', '9fa0'],
  ['sysfs', '62656572'],
  ['ext4', 'ef53'],
])
