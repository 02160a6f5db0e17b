/** dpkg and dpkg-query: what is installed, its files, removing and unpacking archives. */
import type { CoroutineProgram, Routine } from '../../../kernel/program.ts'
import { type Call, command } from '../../../kernel/userland/lib/command.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { parseOptions } from '../../../kernel/userland/lib/options.ts'
import { type Database, type Entry, filesOf, readDatabase, writeDatabase } from './dpkg-db.ts'
import { fullName } from './index.ts'
import { drop } from './remove.ts'
import { filesInstalled, openSession, type Session } from './session.ts'
import { parseApt } from './settings.ts'
import { setUp, unpack } from './unpack.ts'
import { compareVersions } from './version.ts'
import { archiveName, readingDatabase } from './words.ts'

export const options = {
  list: '-l --list  packages by pattern',
  status: '-s --status  the record of a package',
  files: '-L --listfiles  its files',
  search: '-S --search  whose file it is',
  show: '-W --show  packages, in a format (dpkg-query)',
  format: '-f=FORMAT --showformat=FORMAT  the format of --show',
  install: '-i --install  install archives',
  remove: '-r --remove  remove packages',
  purge: '-P --purge  remove packages and their configuration',
  configure: '--configure  configure what was unpacked',
  pending: '-a --pending  all that wait',
  selections: '--get-selections  what is wanted of each package',
  arch: '--print-architecture  the architecture',
  foreign: '--print-foreign-architectures  other architectures',
  addArch: '--add-architecture=ARCH  accepted',
  audit: '-C --audit  what is half installed',
  compare: '--compare-versions  compare two versions',
  force: '--force-all --force-depends --force-confold --force-confdef --force-confnew  accepted',
  version: '--version  the version',
  help: '-? --help  usage',
}

type DpkgCall = Call<Record<never, string>>

const sayError = function* (call: DpkgCall, text: string): Routine<void> {
  yield* call.out.flush()
  yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
}

export const program: CoroutineProgram = command(
  'dpkg',
  {},
  function* (call) {
    const { p, out } = call
    if (call.args.includes('--compare-versions'))
      return compare(call.args.slice(call.args.indexOf('--compare-versions') + 1))
    const given = parseOptions(options, call.args, { flavour: 'gnu' })
    const arch = p.uname().machine === 'aarch64' ? 'arm64' : 'amd64'
    const action = given.last(
      'list',
      'status',
      'files',
      'search',
      'show',
      'install',
      'remove',
      'purge',
      'configure',
      'selections',
      'arch',
      'foreign',
      'addArch',
      'audit',
      'version',
      'help',
    )
    const args = given.operands
    switch (action) {
      case 'version':
        yield* out.write(
          `Debian 'dpkg' package management program version ${p.marker['version'] ?? '1.21.22'} (${arch}).\nThis is free software; see the GNU General Public License version 2 or\nlater for copying conditions. There is NO warranty.\n`,
        )
        return 0
      case 'help':
        yield* out.write(
          "Usage: dpkg [<option>...] <command>\n\nUse 'apt' or 'aptitude' for user-friendly package management.\n",
        )
        return 0
      case 'arch':
        yield* out.write(`${arch}\n`)
        return 0
      case 'foreign':
      case 'addArch':
      case 'audit':
      case 'configure':
        return 0
      case undefined:
        yield* sayError(
          call,
          `dpkg: error: need an action option\n\nUse 'apt' or 'aptitude' for user-friendly package management.\n`,
        )
        return 2
      case 'install':
      case 'remove':
      case 'purge':
        return yield* change(call, action, args)
      default: {
        const db = yield* readDatabase(p)
        if (action === 'list') return yield* list(call, db, args)
        if (action === 'status') return yield* status(call, db, args)
        if (action === 'files') return yield* files(call, db, args)
        if (action === 'search') return yield* search(call, db, args)
        if (action === 'selections') {
          for (const entry of db.allInstalled().sort(byName))
            yield* out.write(`${entry.name}\t\t\t\t\t\t${entry.status.split(' ')[0]}\n`)
          return 0
        }
        return yield* show(call, db, args, given.value('format') ?? defaultFormat)
      }
    }
  },
  { raw: true, errorStatus: 2 },
)

/** What dpkg-query -W prints of each package. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
const defaultFormat = '${binary:Package}\\t${Version}\\n'

const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : 1)

function compare([a = '', operator = '', b = '']: string[]): number {
  const order = compareVersions(a, b)
  const holds = {
    lt: order < 0,
    le: order <= 0,
    eq: order === 0,
    ne: order !== 0,
    ge: order >= 0,
    gt: order > 0,
    '<<': order < 0,
    '<=': order <= 0,
    '=': order === 0,
    '>=': order >= 0,
    '>>': order > 0,
  }[operator]
  return holds === undefined ? 2 : holds ? 0 : 1
}

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .slice(0, 200)
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )

const qualified = (entry: Entry): string =>
  entry.fields.get('Multi-Arch') === 'same' ? `${entry.name}:${entry.arch}` : entry.name

/** Entries that patterns name; says which name nothing. */
function* pick(
  call: DpkgCall,
  db: Database,
  patterns: readonly string[],
  words: (pattern: string) => string,
): Routine<{ found: Entry[]; missing: boolean }> {
  const all = [...db.entries.values()].sort(byName)
  if (patterns.length === 0) return { found: all, missing: false }
  let missing = false
  const found = new Set<Entry>()
  for (const pattern of patterns) {
    const test = glob(pattern.replace(/:(amd64|arm64|all)$/, ''))
    const hits = all.filter(entry => test.test(entry.name))
    if (hits.length === 0) {
      missing = true
      yield* sayError(call, words(pattern))
    }
    for (const entry of hits) found.add(entry)
  }
  return { found: [...found].sort(byName), missing }
}

function* list(call: DpkgCall, db: Database, patterns: readonly string[]): Routine<number> {
  const { found, missing } = yield* pick(
    call,
    db,
    patterns,
    pattern => `dpkg-query: no packages found matching ${pattern}\n`,
  )
  if (found.length === 0) return missing ? 1 : 0
  const rows = found.map(entry => [
    qualified(entry),
    entry.version,
    entry.arch,
    (entry.fields.get('Description') ?? '').split('\n')[0] ?? '',
  ])
  const widths = [14, 12, 12].map((least, column) => Math.max(least, ...rows.map(row => row[column]?.length ?? 0)))
  const [nameWidth = 0, versionWidth = 0, archWidth = 0] = widths
  const used = 3 + 1 + nameWidth + 1 + versionWidth + 1 + archWidth + 1
  const words = Math.max(33, ...rows.map(row => row[3]?.length ?? 0), 80 - used)
  yield* call.out.write(
    `Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ ${'Name'.padEnd(nameWidth)} ${'Version'.padEnd(versionWidth)} ${'Architecture'.padEnd(archWidth)} Description\n+++-${'='.repeat(nameWidth)}-${'='.repeat(versionWidth)}-${'='.repeat(archWidth)}-${'='.repeat(words)}\n`,
  )
  for (const [at, [name = '', version = '', arch = '', description = '']] of rows.entries()) {
    const state = found[at]?.status ?? ''
    const flags = `${state.startsWith('deinstall') ? 'r' : state.startsWith('hold') ? 'h' : 'i'}${state.endsWith('config-files') ? 'c' : 'i'}`
    yield* call.out.write(
      `${flags}  ${name.padEnd(nameWidth)} ${version.padEnd(versionWidth)} ${arch.padEnd(archWidth)} ${description}\n`,
    )
  }
  return missing ? 1 : 0
}

const notInstalled =
  (tool: string) =>
  (name: string): string =>
    `${tool}: package '${name}' is not installed${tool === 'dpkg-query' ? ' and no information is available' : ''}\n`

function* status(call: DpkgCall, db: Database, names: readonly string[]): Routine<number> {
  const { found, missing } = yield* pick(call, db, names, notInstalled('dpkg-query'))
  for (const entry of found)
    yield* call.out.write(
      `${[...entry.fields].map(([key, value]) => `${key}:${value.startsWith('\n') ? '' : ' '}${value}`).join('\n')}\n${found.length > 1 ? '\n' : ''}`,
    )
  if (missing) yield* sayError(call, 'Use dpkg --info (= dpkg-deb --info) to examine archive files.\n')
  return missing ? 1 : 0
}

function* files(call: DpkgCall, db: Database, names: readonly string[]): Routine<number> {
  const { found, missing } = yield* pick(call, db, names, name => `dpkg-query: package '${name}' is not installed\n`)
  for (const entry of found) for (const path of yield* filesOf(call.p, entry)) yield* call.out.write(`${path}\n`)
  if (missing) yield* sayError(call, 'Use dpkg --contents (= dpkg-deb --contents) to list archive files contents.\n')
  return missing ? 1 : 0
}

function* search(call: DpkgCall, db: Database, patterns: readonly string[]): Routine<number> {
  let fine = true
  for (const pattern of patterns) {
    const owners: string[] = []
    for (const entry of db.allInstalled()) {
      for (const path of yield* filesOf(call.p, entry))
        if (pattern.startsWith('/') ? path === pattern : path.includes(pattern))
          owners.push(`${qualified(entry)}: ${path}\n`)
    }
    // The base system has no lists here: its commands know their package themselves.
    if (owners.length === 0 && pattern.startsWith('/') && exists(call.p, pattern)) {
      const head = (yield* textOf(call.p, pattern)).slice(0, 512)
      const owner = /minidock-program: .*\bpackage=(\S+)/.exec(head)?.[1]
      if (owner !== undefined) owners.push(`${owner}: ${pattern}\n`)
    }
    if (owners.length === 0) {
      fine = false
      yield* sayError(call, `dpkg-query: no path found matching pattern ${pattern}\n`)
    }
    for (const line of owners) yield* call.out.write(line)
  }
  return fine ? 0 : 1
}

function* show(call: DpkgCall, db: Database, names: readonly string[], format: string): Routine<number> {
  const { found, missing } = yield* pick(
    call,
    db,
    names,
    pattern => `dpkg-query: no packages found matching ${pattern}\n`,
  )
  for (const entry of found) {
    const text = format
      .replace(/\\([nt\\])/g, (_, letter: string) => ({ n: '\n', t: '\t', '\\': '\\' })[letter] ?? letter)
      .replace(/\$\{([\w:-]+)(?:;(-?\d+))?\}/g, (_, key: string, width?: string) => {
        const value =
          key === 'binary:Package'
            ? qualified(entry)
            : key === 'db:Status-Abbrev'
              ? 'ii '
              : key === 'binary:Summary'
                ? ((entry.fields.get('Description') ?? '').split('\n')[0] ?? '')
                : (entry.fields.get(key) ?? '')
        const columns = Math.min(Math.abs(Number(width ?? 0)), 1000)
        return Number(width ?? 0) < 0 ? value.padEnd(columns) : value.padStart(columns)
      })
    yield* call.out.write(text)
  }
  return missing ? 1 : 0
}

function* change(call: DpkgCall, action: 'install' | 'remove' | 'purge', args: readonly string[]): Routine<number> {
  const { p } = call
  if (p.cred.uid !== 0) {
    yield* sayError(call, 'dpkg: error: requested operation requires superuser privilege\n')
    return 2
  }
  const s = yield* openSession(call, parseApt([]))
  if (action === 'install') return yield* installArchives(call, s, args)
  const { found } = yield* pick(
    call,
    s.db,
    args,
    name => `dpkg: warning: ignoring request to remove ${name} which isn't installed\n`,
  )
  const needed = found.flatMap(entry =>
    s.db
      .allInstalled()
      .filter(
        other =>
          !found.includes(other) &&
          (s.index.packages.get(other.name)?.depends ?? []).some(
            clause => clause.length === 1 && clause[0]?.replace(/=$/, '') === entry.name,
          ),
      )
      .map(other => ({ entry, other })),
  )
  if (needed.length > 0) {
    for (const { entry, other } of needed)
      yield* sayError(
        call,
        `dpkg: dependency problems prevent removal of ${qualified(entry)}:\n ${other.name} depends on ${entry.name}.\n\ndpkg: error processing package ${qualified(entry)} (--${action}):\n dependency problems - not removing\n`,
      )
    yield* sayError(
      call,
      `Errors were encountered while processing:\n${[...new Set(needed.map(one => ` ${qualified(one.entry)}\n`))].join('')}`,
    )
    return 1
  }
  if (found.length > 0) yield* drop(s, found, action === 'purge')
  return 0
}

/** Archives are those that apt-get download has made. */
function* installArchives(call: DpkgCall, s: Session, paths: readonly string[]): Routine<number> {
  let first = true
  for (const path of paths) {
    if (!exists(call.p, path)) {
      yield* sayError(call, `dpkg: error: cannot access archive '${path}': No such file or directory\n`)
      return 2
    }
    const name = /^minidock-deb: (\S+)$/m.exec((yield* textOf(call.p, path)).slice(0, 512))?.[1]
    const pkg = name === undefined ? undefined : s.index.packages.get(name)
    if (!pkg) {
      yield* sayError(
        call,
        `dpkg-deb: error: '${path}' is not a Debian format archive\ndpkg: error processing archive ${path} (--install):\n dpkg-deb --control subprocess returned error exit status 2\nErrors were encountered while processing:\n ${path}\n`,
      )
      return 1
    }
    if (!s.db.installed(pkg.name)) yield* s.out(`Selecting previously unselected package ${fullName(pkg)}.\n`)
    if (first) yield* s.out(readingDatabase(filesInstalled(s)))
    first = false
    yield* s.out(
      `Preparing to unpack ${path.includes('/') ? path : archiveName(pkg)} ...\nUnpacking ${fullName(pkg)} (${pkg.version}) ...\n`,
    )
    yield* unpack(call.p, pkg, s.release, s.arch)
    yield* s.out(`Setting up ${fullName(pkg)} (${pkg.version}) ...\n`)
    for (const line of yield* setUp(call.p, pkg, s.release, s.arch)) yield* s.out(`${line}\n`)
    s.db.add(pkg, s.release.maintainer)
  }
  yield* writeDatabase(call.p, s.db)
  return 0
}
