/** What dpkg does to the files: unpacking packages, setting them up, removing them. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { readLines, writeLines } from '../../../kernel/userland/lib/account-files.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { dataText, folderOf, makeFolders, programText, put, take } from '../lib/place.ts'
import { type Database, type Entry, filesOf, listPath } from './dpkg-db.ts'
import { type Extras, extrasOf } from './extras.ts'
import type { Package } from './index.ts'
import type { Release } from './release.ts'
import { upstreamVersion } from './version.ts'

/** Bytes that a command has at least, where the package is large enough. */
const leastCommand = 14_000

/** Puts a package's files in place and writes the list of them. */
export function* unpack(p: Proc, pkg: Package, release: Release, arch: string): Routine<void> {
  const extras = extrasOf(pkg, release, arch)
  const paths: string[] = []
  const add = function* (path: string, content: Parameters<typeof put>[2]): Routine<void> {
    yield* put(p, path, content)
    paths.push(path)
  }
  for (const dir of extras.dirs ?? []) {
    makeFolders(p, dir)
    paths.push(dir)
  }
  let left = pkg.installed
  const says = { flavour: 'gnu', package: pkg.name, version: upstreamVersion(pkg.version), arch }
  const commands = [
    ...pkg.commands,
    ...(extras.programs ?? []).map(({ dir, names }): [string, string[]] => [dir, names.split(' ')]),
  ]
  const count = commands.reduce((sum, [, names]) => sum + names.length, 0)
  const share = pkg.fill.startsWith('/usr/share/doc/') ? 0.9 : 0.45
  const size = Math.max(Math.min(leastCommand, Math.floor(left / (count + 1))), Math.floor((left * share) / count))
  for (const [dir, names] of commands) {
    const given = extras.programs?.find(one => one.dir === dir)?.program
    for (const name of names) {
      const path = `${dir}/${name}`
      if (extras.links?.[path] !== undefined) continue
      const text = programText(given ?? extras.runs?.[name] ?? name, says)
      yield* add(path, { text, size: Math.max(size, text.length), mode: modes[name] ?? 0o755 })
      left -= size
    }
  }
  for (const [key, text] of Object.entries(extras.files ?? {})) {
    const [path = '', mode, bytes] = key.split(' ')
    yield* add(path, { text, mode: Number.parseInt(mode ?? '644', 8), ...(bytes && { size: Number(bytes) }) })
    left -= Number(bytes ?? text.length)
  }
  for (const [path, link] of Object.entries(extras.links ?? {})) yield* add(path, { link })
  const copyright = `/usr/share/doc/${pkg.name}/copyright`
  yield* add(copyright, { text: `${pkg.name}: ${pkg.description}\n` })
  const base = pkg.fill.slice(pkg.fill.lastIndexOf('/') + 1)
  if (left > 0 && !exists(p, pkg.fill)) yield* add(pkg.fill, { text: left > 200 ? dataText(base) : '', size: left })
  const folders = new Set<string>()
  for (const path of paths) for (let dir = folderOf(path); dir !== '/'; dir = folderOf(dir)) folders.add(dir)
  const list = ['/.', ...[...folders, ...paths].sort()]
  yield* put(p, listPath(pkg), { text: `${list.join('\n')}\n` })
}

/** Programs with the set-user-ID bit. */
const modes: Record<string, number> = { sudo: 0o4755, fusermount3: 0o4755 }

/** Alternatives and accounts of a package; the lines that setting it up prints. */
export function* setUp(p: Proc, pkg: Package, release: Release, arch: string): Routine<string[]> {
  const extras = extrasOf(pkg, release, arch)
  const lines: string[] = []
  for (const line of extras.setup ?? []) lines.push(line.replaceAll('@date@', dateWords(p)))
  for (const [name, [path, target]] of Object.entries(extras.alternatives ?? {})) {
    yield* put(p, `/etc/alternatives/${name}`, { link: target })
    yield* put(p, path, { link: `/etc/alternatives/${name}` })
    lines.push(`update-alternatives: using ${target} to provide ${path} (${name}) in auto mode`)
  }
  yield* addAccounts(p, extras)
  return lines
}

function dateWords(p: Proc): string {
  return new Date(p.now()).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) (.*) GMT$/, '$1 $3 $2 $5 UTC $4')
}

function* addAccounts(p: Proc, extras: Extras): Routine<void> {
  const words = (path: string, reason: string): string => `${path}: ${reason}`
  for (const [name, more] of [
    ['passwd', extras.users],
    ['group', extras.groups],
  ] as const) {
    if (!more) continue
    const lines = yield* readLines(p, name)
    const fresh = more.map(line => line.split(':')).filter(([who]) => !lines.some(([one]) => one === who))
    if (fresh.length > 0) yield* writeLines(p, name, [...lines, ...fresh], words)
  }
}

/** Takes an installed package's files away: with `purge` also its configuration. Returns whether configuration stays. */
export function* removeFiles(p: Proc, db: Database, entry: Entry, purge: boolean): Routine<boolean> {
  const paths = yield* filesOf(p, entry)
  const shared = new Set<string>()
  for (const other of db.allInstalled())
    if (other.name !== entry.name) for (const path of yield* filesOf(p, other)) shared.add(path)
  let config = false
  for (const path of paths.sort().reverse()) {
    if (path === '/.' || shared.has(path)) continue
    if (path.startsWith('/etc/') && !purge) {
      config ||= exists(p, path) && p.lstat(path).type === 'file'
      continue
    }
    if (!exists(p, path)) continue
    if (p.lstat(path).type === 'dir') {
      if (p.readdir(path).length === 0) p.rmdir(path)
    } else p.unlink(path)
  }
  dropAlternatives(p)
  if (!config)
    take(p, listPath({ name: entry.name, same: entry.fields.get('Multi-Arch') === 'same', arch: entry.arch }))
  return config
}

/** Alternatives whose program has gone. */
function dropAlternatives(p: Proc): void {
  for (const { name } of exists(p, '/etc/alternatives') ? p.readdir('/etc/alternatives') : []) {
    const link = `/etc/alternatives/${name}`
    if (exists(p, p.readlink(link))) continue
    p.unlink(link)
    for (const path of [`/usr/bin/${name}`, `/bin/${name}`, `/usr/sbin/${name}`])
      if (exists(p, path) && p.lstat(path).type === 'symlink' && p.readlink(path) === link) p.unlink(path)
  }
}
