/** ls: what is in directories, and about files. */
import { isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { Proc, Routine } from '../program.ts'
import { compareBytes } from './lib/bytes.ts'
import { type Call, command } from './lib/command.ts'
import { columnsOf, indicator, longLines } from './lib/ls-format.ts'
import { screenSize } from './lib/screen.ts'
import { compareVersions } from './lib/sort-key.ts'
import { readAccounts } from './lib/users.ts'
import { joinPath } from './lib/walk.ts'
import { zoneFor } from './lib/zone.ts'

export const options = {
  one: '-1  one name a line',
  all: '-a --all  names that begin with a dot too',
  almostAll: '-A --almost-all  like -a without . and ..',
  byLines: '-x  columns, filled line by line',
  columns: '-C  columns',
  directory: '-d --directory  directories themselves, not what is in them',
  dereference: '-L --dereference  follow symbolic links',
  commandLine: '-H --dereference-command-line  follow symbolic links that are operands',
  recursive: '-R --recursive  directories in directories too',
  slash: '-p  a slash after directories',
  classify: '-F --classify[=WHEN]  a mark after names: * / = @ |',
  long: '-l  mode, links, owner, size, time',
  inode: '-i --inode  inode numbers',
  numeric: '-n --numeric-uid-gid  like -l with numbers for owners',
  blocks: '-s --size  allocated blocks',
  human: '-h --human-readable  sizes such as 1K 243M',
  bySize: '-S  largest first',
  byExtension: '-X  by extension',
  byVersion: '-v  by version',
  byTime: '-t  newest first',
  ctime: '-c  time of last change',
  atime: '-u  time of last access',
  reverse: '-r --reverse  backwards',
  width: '-w --width=COLS  width of the screen',
  fullTime: '--full-time  full date and time',
  directoriesFirst: '--group-directories-first  directories before files',
  color: '--color[=WHEN]  colours on a terminal',
  noGroup: 'gnu: -G --no-group  without the group',
  noOwner: 'gnu: -g  like -l without the owner',
  longNoGroup: 'gnu: -o  like -l without the group',
  quoteNot: 'gnu: -N --literal  names as they are',
  quote: 'gnu: -Q --quote-name  names in double quotes',
  unsorted: 'gnu: -U  in directory order',
  everything: 'gnu: -f  like -aU',
  sort: 'gnu: --sort=WORD  none, size, time, version or extension',
  time: 'gnu: --time=WORD  which time',
  timeStyle: 'gnu: --time-style=STYLE  how times look',
  si: 'gnu: --si  like -h with powers of 1000',
  kibibytes: 'gnu: -k --kibibytes  blocks of 1024 bytes',
  commas: 'gnu: -m  names with commas between',
  ignore: 'gnu: -I --ignore=PATTERN  leave out names',
  zero: 'gnu: --zero  NUL after each name',
}

export type LsCall = Call<typeof options>

/** One file to be listed: the name shown, its path and what lstat or stat says. */
export interface Item {
  name: string
  path: string
  stat: Stat
  /** A symlink's target. */
  target?: string
  /** What the link leads to. */
  real?: Stat
}

export const program = command(
  'ls',
  options,
  function* (call) {
    const { p, out, options: given, args, gnu, error } = call
    let status = 0
    const files: Item[] = []
    const dirs: Item[] = []
    for (const path of args.length === 0 ? ['.'] : args) {
      try {
        const long = wantsLong(call)
        const follow =
          given.has('dereference') ||
          given.has('commandLine') ||
          !(long || given.has('directory') || given.has('classify'))
        const item = itemOf(p, path, path, follow)
        const asDir = item.stat.type === 'dir' && !given.has('directory')
        ;(asDir ? dirs : files).push(item)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(gnu ? `cannot access '${path}': ${thrown.message}` : `${path}: ${thrown.message}`)
        status = gnu ? 2 : 1
      }
    }
    const view = { accounts: yield* readAccounts(p), zone: zoneFor(p.env.get('TZ')), now: p.now() }
    const state = { first: true, status }
    if (files.length > 0) {
      yield* print(call, view, sortItems(call, files), false)
      state.first = false
    }
    const headers = args.length > 1 || given.has('recursive')
    for (const dir of sortItems(call, dirs)) yield* listDir(call, view, dir.path, headers, state)
    yield* out.flush()
    return state.status
  },
  { gnuErrorStatus: 2 },
)

export interface View {
  accounts: import('./lib/users.ts').Accounts
  zone: import('./lib/zone.ts').Zone
  now: number
}

export function wantsLong({ options: given }: LsCall): boolean {
  const longs = ['long', 'numeric', 'fullTime', 'noOwner', 'longNoGroup'] as const
  const last = given.last('one', 'columns', 'byLines', 'commas', ...longs)
  // -1 does not undo -l.
  return longs.some(key => given.has(key)) && (last === 'one' || longs.some(key => key === last))
}

function itemOf(p: Proc, name: string, path: string, follow: boolean): Item {
  const own = p.lstat(path)
  if (own.type !== 'symlink') return { name, path, stat: own }
  const target = p.readlink(path)
  try {
    const real = p.stat(path)
    return follow ? { name, path, stat: real } : { name, path, stat: own, target, real }
  } catch (error) {
    if (!isErrno(error)) throw error
    return { name, path, stat: own, target }
  }
}

function* listDir(
  call: LsCall,
  view: View,
  path: string,
  headers: boolean,
  state: { first: boolean; status: number },
): Routine<void> {
  const { p, out, options: given, gnu, error } = call
  let names: string[]
  try {
    names = p.readdir(path).map(entry => entry.name)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    if (headers && gnu) yield* out.write('')
    yield* error(gnu ? `cannot open directory '${path}': ${thrown.message}` : `can't open '${path}': ${thrown.message}`)
    state.status = gnu ? 2 : 1
    return
  }
  if (headers) yield* out.write(`${state.first ? '' : '\n'}${path}:\n`)
  state.first = false
  const all = given.has('all') || given.has('everything')
  const shown = all
    ? ['.', '..', ...names]
    : given.has('almostAll')
      ? names
      : names.filter(name => !name.startsWith('.'))
  const items: Item[] = []
  for (const name of shown) {
    try {
      items.push(itemOf(p, name, joinPath(path, name), given.has('dereference')))
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(
        gnu
          ? `cannot access '${joinPath(path, name)}': ${thrown.message}`
          : `${joinPath(path, name)}: ${thrown.message}`,
      )
      state.status = 1
    }
  }
  const sorted = sortItems(call, items)
  yield* print(call, view, sorted, true)
  if (!given.has('recursive')) return
  for (const item of sorted) {
    if (item.stat.type !== 'dir' || item.name === '.' || item.name === '..') continue
    yield* listDir(call, view, item.path, headers, state)
  }
}

function sortItems({ options: given, gnu }: LsCall, items: Item[]): Item[] {
  const word = given.value('sort')
  const order =
    word ??
    given.last('bySize', 'byTime', 'byVersion', 'byExtension', 'unsorted', 'everything') ??
    (gnu && !given.has('long') && (given.has('ctime') || given.has('atime')) ? 'byTime' : 'name')
  if (order === 'none' || order === 'unsorted' || order === 'everything') return items
  const byName = (a: Item, b: Item) => compareBytes(a.name, b.name)
  const compare = {
    bySize: (a: Item, b: Item) => b.stat.size - a.stat.size,
    byTime: (a: Item, b: Item) => timeOf(given, b.stat) - timeOf(given, a.stat),
    byVersion: (a: Item, b: Item) => compareVersions(a.name, b.name),
    byExtension: (a: Item, b: Item) => compareBytes(extension(a.name), extension(b.name)),
    name: byName,
  }[order.replace(/^(size|time|version|extension)$/, whole => `by${whole.charAt(0).toUpperCase()}${whole.slice(1)}`)]
  const sign = given.has('reverse') ? -1 : 1
  const first = given.has('directoriesFirst')
  return [...items].sort((a, b) => {
    const groups = first ? Number(b.stat.type === 'dir') - Number(a.stat.type === 'dir') : 0
    return groups || ((compare ?? byName)(a, b) || byName(a, b)) * sign
  })
}

function extension(name: string): string {
  return name.includes('.') ? name.slice(name.lastIndexOf('.')) : ''
}

/** The time that is shown and sorted by: -c, -u or of modification. */
export function timeOf(given: LsCall['options'], stat: Stat): number {
  const word = given.value('time')
  if (given.last('ctime', 'atime') === 'ctime' || word === 'ctime' || word === 'status') return stat.ctime
  if (given.has('atime') || word === 'atime' || word === 'access' || word === 'use') return stat.atime
  return stat.mtime
}

function* print(call: LsCall, view: View, items: Item[], isDir: boolean): Routine<void> {
  const { p, out, options: given, gnu } = call
  const blocks = items.reduce((sum, item) => sum + blocksOf(item.stat), 0)
  if (isDir && (wantsLong(call) || (given.has('blocks') && gnu))) {
    yield* out.write(`total ${given.has('human') && gnu ? humanTotal(blocks) : blocks}\n`)
  }
  if (wantsLong(call)) {
    for (const line of longLines(call, view, items)) yield* out.write(`${line}\n`)
    return
  }
  const names = items.map(item => {
    const inode = given.has('inode') ? `${String(item.stat.ino).padStart(gnu ? 0 : 7)} ` : ''
    const size = given.has('blocks') ? `${String(blocksOf(item.stat)).padStart(gnu ? 0 : 6)} ` : ''
    return inode + size + item.name + indicator(call, item)
  })
  const layout = given.last('one', 'columns', 'byLines', 'commas')
  if (layout === 'commas') yield* out.write(`${names.join(', ')}\n`)
  else if (layout === 'columns' || layout === 'byLines' || (layout === undefined && p.isatty(1))) {
    const width = given.value('width') ?? (p.isatty(1) ? screenSize(p, 1).cols : 80)
    yield* out.write(columnsOf(names, Number(width) || 80, layout === 'byLines', gnu))
  } else for (const name of names) yield* out.write(name + (given.has('zero') ? '\0' : '\n'))
}

/** Allocated space in KiB blocks, as a file system with blocks of 4 KiB counts. */
export function blocksOf(stat: Stat): number {
  if (stat.type === 'dir') return 4
  return stat.type === 'file' ? Math.ceil(stat.size / 4096) * 4 : 0
}

function humanTotal(kib: number): string {
  if (kib === 0) return '0'
  return kib < 1024
    ? kib < 10
      ? `${kib.toFixed(1)}K`
      : `${kib}K`
    : `${(Math.ceil((kib / 1024) * 10) / 10).toFixed(1)}M`
}
