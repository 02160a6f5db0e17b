/** What apt-cache and apt tell of packages: show, policy, search, list, depends. */
import type { Routine } from '../../../kernel/program.ts'
import type { Package } from './index.ts'
import { AptError, hasLists, type Session } from './session.ts'
import { compareVersions } from './version.ts'

/** Packages that the lists or dpkg's database know. */
function* known(s: Session): Generator<Package> {
  const lists = hasLists(s.p)
  for (const pkg of s.index.packages.values()) if (lists || s.db.installed(pkg.name)) yield pkg
}

const suiteOf = (s: Session, pkg: Package): string =>
  pkg.pocket === 'main' ? s.release.suite : `${s.release.suite}-${pkg.pocket}`

const archiveOf = (s: Session, pkg: Package): string => {
  const { codename, id } = s.release
  const suite = pkg.pocket === 'main' ? codename : `${codename}-${pkg.pocket}`
  return id === 'debian'
    ? `http://deb.debian.org/debian${pkg.pocket === 'security' ? '-security' : ''} ${suite}`
    : `http://archive.ubuntu.com/ubuntu ${suite}`
}

/** `apt-cache show`, `apt show`. */
export function* show(s: Session, names: readonly string[]): Routine<number> {
  let fine = true
  for (const name of names) {
    const pkg = s.index.packages.get(name)
    if (!pkg || !(hasLists(s.p) || s.db.installed(name))) {
      yield* s.err(`E: No packages found\n`)
      fine = false
      continue
    }
    const clauses = (list: readonly string[][]): string =>
      list
        .map(one =>
          one.map(word => (word.endsWith('=') ? `${word.slice(0, -1)} (= ${pkg.version})` : word)).join(' | '),
        )
        .join(', ')
    const lines = [
      `Package: ${pkg.name}`,
      `Version: ${pkg.version}`,
      `Priority: ${pkg.priority}`,
      `Section: ${pkg.section}`,
      `Maintainer: ${s.release.maintainer}`,
      `Installed-Size: ${pkg.installed / 1024}`,
      ...(pkg.provides.length > 0 ? [`Provides: ${pkg.provides.join(', ')}`] : []),
      ...(pkg.depends.length > 0 ? [`Depends: ${clauses(pkg.depends)}`] : []),
      ...(pkg.recommends.length > 0 ? [`Recommends: ${clauses(pkg.recommends)}`] : []),
      ...(pkg.suggests.length > 0
        ? [`Suggests: ${pkg.suggests.map(one => one.replaceAll('|', ' | ')).join(', ')}`]
        : []),
      `Architecture: ${pkg.arch}`,
      `Filename: pool/main/${pkg.name[0]}/${pkg.name}/${pkg.name}_${pkg.version.replace(/^\d+:/, '')}_${pkg.arch}.deb`,
      `Size: ${pkg.download}`,
      `Description: ${pkg.description}`,
    ]
    yield* s.out(`${lines.join('\n')}\n\n`)
  }
  return fine ? 0 : 100
}

/** `apt-cache policy`. */
export function* policy(s: Session, names: readonly string[]): Routine<number> {
  for (const name of names) {
    const pkg = s.index.packages.get(name)
    const entry = s.db.installed(name)
    const listed = hasLists(s.p) ? pkg : undefined
    if (!listed && !entry) continue
    const candidate =
      listed && (!entry || compareVersions(listed.version, entry.version) >= 0) ? listed.version : entry?.version
    yield* s.out(`${name}:\n  Installed: ${entry?.version ?? '(none)'}\n  Candidate: ${candidate}\n  Version table:\n`)
    if (listed && listed.version !== entry?.version)
      yield* s.out(`     ${listed.version} 500\n        500 ${archiveOf(s, listed)}/main ${s.arch} Packages\n`)
    if (entry) {
      yield* s.out(` *** ${entry.version} ${listed?.version === entry.version ? 500 : 100}\n`)
      if (listed?.version === entry.version)
        yield* s.out(`        500 ${archiveOf(s, listed)}/main ${s.arch} Packages\n`)
      yield* s.out('        100 /var/lib/dpkg/status\n')
    }
  }
  return 0
}

/** `apt-cache search`, `apt search`: every pattern in name or description. */
export function* search(s: Session, patterns: readonly string[], apt: boolean): Routine<number> {
  if (patterns.length === 0) throw new AptError('You must give at least one search pattern')
  const tests = patterns.map(pattern => {
    try {
      return new RegExp(pattern.slice(0, 200), 'i')
    } catch {
      throw new AptError(`Regex compilation error - ${pattern}`)
    }
  })
  const namesOnly = s.given.has('names')
  const found = [...known(s)]
    .filter(pkg => tests.every(test => test.test(pkg.name) || (!namesOnly && test.test(pkg.description))))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  if (apt) yield* s.out('Sorting...\nFull Text Search...\n')
  for (const pkg of found)
    yield* s.out(
      apt
        ? `${pkg.name}/${suiteOf(s, pkg)} ${pkg.version} ${pkg.arch}\n  ${pkg.description}\n\n`
        : `${pkg.name} - ${pkg.description}\n`,
    )
  return 0
}

/** `apt list`. */
export function* list(s: Session, patterns: readonly string[]): Routine<number> {
  yield* s.out('Listing...\n')
  const glob = (pattern: string): RegExp =>
    new RegExp(
      `^${pattern
        .slice(0, 200)
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    )
  const tests = patterns.map(glob)
  const lists = hasLists(s.p)
  const names = new Set([...[...known(s)].map(pkg => pkg.name), ...s.db.allInstalled().map(entry => entry.name)])
  for (const name of [...names].sort()) {
    if (tests.length > 0 && !tests.some(test => test.test(name))) continue
    const entry = s.db.installed(name)
    const pkg = lists ? s.index.packages.get(name) : undefined
    if (s.given.has('installed') && !entry) continue
    const newer = entry && pkg && compareVersions(pkg.version, entry.version) > 0
    if (s.given.has('upgradable') && !newer) continue
    const suite = pkg ? suiteOf(s, pkg) : 'now'
    const state = !entry
      ? ''
      : s.given.has('upgradable')
        ? ` [upgradable from: ${entry.version}]`
        : newer
          ? ` [installed,upgradable to: ${pkg.version}]`
          : pkg
            ? ` [installed${s.db.auto.has(name) ? ',automatic' : ''}]`
            : ` [installed,local]`
    const version = newer && s.given.has('upgradable') ? pkg.version : (entry?.version ?? pkg?.version ?? '')
    yield* s.out(
      `${name}/${suite}${entry && pkg && !newer ? ',now' : entry && newer && !s.given.has('upgradable') ? ',now' : ''} ${version} ${entry?.arch ?? pkg?.arch ?? ''}${state}\n`,
    )
  }
  return 0
}

/** `apt-cache depends` and `rdepends`. */
export function* depends(s: Session, names: readonly string[], reverse: boolean): Routine<number> {
  for (const name of names) {
    const pkg = s.index.packages.get(name)
    if (!pkg || !hasLists(s.p)) {
      yield* s.err('E: No packages found\n')
      return 100
    }
    yield* s.out(`${name}\n`)
    if (reverse) {
      yield* s.out('Reverse Depends:\n')
      for (const other of s.index.packages.values())
        if (other.depends.some(clause => clause.some(word => word.replace(/=$/, '') === name)))
          yield* s.out(`  ${other.name}\n`)
      continue
    }
    for (const [word, clauses] of [
      ['Depends', pkg.depends],
      ['Recommends', pkg.recommends],
      ['Suggests', pkg.suggests.map(one => one.split('|'))],
    ] as const)
      for (const clause of clauses)
        for (const [at, one] of clause.entries())
          yield* s.out(` ${at < clause.length - 1 ? '|' : ' '}${word}: ${one.replace(/=$/, '')}\n`)
  }
  return 0
}
