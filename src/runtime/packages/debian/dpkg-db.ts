/** dpkg's database: /var/lib/dpkg/status, the lists of files beside it, and apt's marks of what came by itself. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { put } from '../lib/place.ts'
import type { Package } from './index.ts'

const statusFile = '/var/lib/dpkg/status'
const marksFile = '/var/lib/apt/extended_states'

/** One paragraph of the status file. */
export interface Entry {
  name: string
  version: string
  arch: string
  /** `install ok installed`, `deinstall ok config-files`. */
  status: string
  /** Field to value, as written; in order. */
  fields: Map<string, string>
}

export class Database {
  readonly entries: Map<string, Entry>
  /** Names that were installed as dependencies. */
  readonly auto: Set<string>
  /** Whether apt has marked anything before: it says that it reads state information only then. */
  readonly hasMarks: boolean

  constructor(entries: Map<string, Entry>, auto: Set<string>, hasMarks: boolean) {
    this.entries = entries
    this.auto = auto
    this.hasMarks = hasMarks
  }

  /** The entry of a package that is installed. */
  installed(name: string): Entry | undefined {
    const entry = this.entries.get(name)
    return entry?.status.endsWith(' installed') ? entry : undefined
  }

  allInstalled(): Entry[] {
    return [...this.entries.values()].filter(entry => entry.status.endsWith(' installed'))
  }

  add(pkg: Package, maintainer: string): void {
    const clauses = (list: readonly string[][]): string =>
      list
        .map(one =>
          one.map(name => (name.endsWith('=') ? `${name.slice(0, -1)} (= ${pkg.version})` : name)).join(' | '),
        )
        .join(', ')
    const fields = new Map<string, string>([
      ['Package', pkg.name],
      ['Status', 'install ok installed'],
      ['Priority', pkg.priority],
      ['Section', pkg.section],
      ['Installed-Size', String(pkg.installed / 1024)],
      ['Maintainer', maintainer],
      ['Architecture', pkg.arch],
    ])
    if (pkg.same) fields.set('Multi-Arch', 'same')
    fields.set('Version', pkg.version)
    if (pkg.provides.length > 0) fields.set('Provides', pkg.provides.join(', '))
    if (pkg.depends.length > 0) fields.set('Depends', clauses(pkg.depends))
    if (pkg.recommends.length > 0) fields.set('Recommends', clauses(pkg.recommends))
    if (pkg.suggests.length > 0) fields.set('Suggests', pkg.suggests.map(one => one.replaceAll('|', ' | ')).join(', '))
    fields.set('Description', pkg.description)
    this.entries.set(pkg.name, {
      name: pkg.name,
      version: pkg.version,
      arch: pkg.arch,
      status: 'install ok installed',
      fields,
    })
  }

  /** Changes what dpkg wants of a package: `hold ok installed`. */
  setStatus(entry: Entry, status: string): void {
    entry.status = status
    entry.fields.set('Status', status)
  }
}

/** Reads what is installed. */
export function* readDatabase(p: Proc): Routine<Database> {
  const entries = new Map<string, Entry>()
  for (const fields of paragraphs(yield* textOf(p, statusFile))) {
    const name = fields.get('Package')
    if (name === undefined) continue
    entries.set(name, {
      name,
      version: fields.get('Version') ?? '',
      arch: fields.get('Architecture') ?? 'all',
      status: fields.get('Status') ?? '',
      fields,
    })
  }
  const marks = yield* textOf(p, marksFile)
  const auto = new Set<string>()
  for (const fields of paragraphs(marks))
    if (fields.get('Auto-Installed') === '1') auto.add(fields.get('Package') ?? '')
  return new Database(entries, auto, marks !== '')
}

/** Paragraphs of deb822: a line that begins with a space goes on with the value before it. */
export function paragraphs(text: string): Map<string, string>[] {
  const all: Map<string, string>[] = []
  for (const block of text.split(/\n\n+/)) {
    const fields = new Map<string, string>()
    let last = ''
    for (const line of block.split('\n')) {
      if (/^[ \t]/.test(line)) fields.set(last, `${fields.get(last) ?? ''}\n${line}`)
      else {
        const colon = line.indexOf(':')
        if (colon < 0) continue
        last = line.slice(0, colon)
        fields.set(last, line.slice(colon + 1).trim())
      }
    }
    if (fields.size > 0) all.push(fields)
  }
  return all
}

/** Writes the status file, and the marks once there are any. */
export function* writeDatabase(p: Proc, db: Database): Routine<void> {
  const text = [...db.entries.values()]
    .map(entry =>
      [...entry.fields].map(([key, value]) => `${key}:${value.startsWith('\n') ? '' : ' '}${value}\n`).join(''),
    )
    .join('\n')
  yield* put(p, `${statusFile}-new`, { text: `${text}\n` })
  p.rename(`${statusFile}-new`, statusFile)
  if (db.auto.size === 0 && !db.hasMarks) return
  const marks = [...db.auto].map(name => {
    const arch = db.entries.get(name)?.arch ?? 'amd64'
    return `Package: ${name}\nArchitecture: ${arch === 'all' ? 'amd64' : arch}\nAuto-Installed: 1\n`
  })
  yield* put(p, marksFile, { text: `${marks.join('\n')}\n` })
}

/** Where the list of a package's files is. */
export function listPath(pkg: { name: string; same: boolean; arch: string }): string {
  return `/var/lib/dpkg/info/${pkg.name}${pkg.same ? `:${pkg.arch}` : ''}.list`
}

/** The paths that an installed package has, folders too; none when its list is not there. */
export function* filesOf(p: Proc, entry: Entry): Routine<string[]> {
  const same = entry.fields.get('Multi-Arch') === 'same'
  const text = yield* textOf(p, listPath({ name: entry.name, same, arch: entry.arch }))
  return text.split('\n').filter(line => line !== '')
}
