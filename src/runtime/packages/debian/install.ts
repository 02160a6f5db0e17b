/** apt-get install and upgrade: what is asked for, what it takes, and doing it. */
import type { Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { online } from '../lib/online.ts'
import { put } from '../lib/place.ts'
import { aptSize, transferMs } from '../lib/sizes.ts'
import { writeDatabase } from './dpkg-db.ts'
import { fullName, type Package } from './index.ts'
import { find, planInstall, unneeded } from './resolve.ts'
import {
  AptError,
  confirm,
  filesInstalled,
  hasLists,
  reading,
  requireRoot,
  type Session,
  upgradable,
} from './session.ts'
import { settingOff } from './settings.ts'
import { setUp, unpack } from './unpack.ts'
import {
  archiveName,
  countsLine,
  fetchedLine,
  nameList,
  needLine,
  readingDatabase,
  spaceLine,
  suggestions,
} from './words.ts'

const archives = '/var/cache/apt/archives'

/** Installs packages by name; the exit status. */
export function* install(s: Session, names: readonly string[]): Routine<number> {
  if (!s.given.has('simulate')) requireRoot(s, 'dpkg')
  yield* reading(s)
  const wanted = yield* look(s, names)
  const recommends = !s.given.has('noRecommends') && !settingOff(s.given, 'APT::Install-Recommends')
  const again: Package[] = []
  const fresh: Package[] = []
  let marks = false
  for (const pkg of wanted) {
    const entry = s.db.installed(pkg.name)
    if (!entry) {
      if (s.given.has('onlyUpgrade'))
        yield* s.say(`Skipping ${pkg.name}, it is not installed and only upgrades are requested.\n`)
      else fresh.push(pkg)
    } else if (s.given.has('reinstall')) again.push(pkg)
    else if (entry.version === pkg.version || !upgradable(s).includes(pkg.name)) {
      yield* s.say(`${pkg.name} is already the newest version (${entry.version}).\n`)
      if (s.db.auto.delete(pkg.name)) {
        marks = true
        yield* s.say(`${pkg.name} set to manually installed.\n`)
      }
    } else fresh.push(pkg)
  }
  if (marks && !s.given.has('simulate')) yield* writeDatabase(s.p, s.db)
  const plan = planInstall(s.index, s.db, fresh, { recommends })
  if (plan.unmet.length > 0) throw yield* unmetError(s, plan.unmet)
  return yield* carryOut(s, { ...plan, again, wanted: new Set(wanted.map(pkg => pkg.name)), recommends })
}

/** Upgrades what is there in an older version; the exit status. */
export function* upgrade(s: Session): Routine<number> {
  if (!s.given.has('simulate') && !s.given.has('no')) requireRoot(s, 'dpkg')
  yield* reading(s, 'Calculating upgrade...')
  const packages = upgradable(s).flatMap(name => s.index.packages.get(name) ?? [])
  return yield* carryOut(s, { install: [], upgrade: packages, again: [], wanted: new Set(), recommends: true })
}

/** The packages that names stand for. Throws AptError when one stands for none. */
function* look(s: Session, names: readonly string[]): Routine<Package[]> {
  const wanted: Package[] = []
  const errors: string[] = []
  const lists = hasLists(s.p)
  for (const word of names) {
    if (word.startsWith('./') || word.startsWith('/')) {
      errors.push(`Unsupported file ${word} given on commandline`)
      continue
    }
    const [, name = word, sign = '', rest = ''] = /^([^=/]+?)(?::\w+)?(?:([=/])(.*))?$/.exec(word) ?? []
    const entry = s.db.installed(name)
    const found = lists || entry ? find(s.index, name) : { kind: 'none' as const }
    if (found.kind === 'real') {
      if (sign === '=' && !matches(found.pkg.version, rest))
        errors.push(`Version '${rest}' for '${name}' was not found`)
      else if (
        sign === '/' &&
        ![
          s.release.codename,
          s.release.suite,
          `${s.release.codename}-updates`,
          `${s.release.codename}-security`,
        ].includes(rest)
      )
        errors.push(`Release '${rest}' for '${name}' was not found`)
      else wanted.push(found.pkg)
    } else if (found.kind === 'virtual' && found.providers.length === 1 && found.providers[0]) {
      yield* s.say(`Note, selecting '${found.providers[0].name}' instead of '${name}'\n`)
      wanted.push(found.providers[0])
    } else if (found.kind === 'virtual') {
      const list = found.providers.map(one => `  ${one.name} ${one.version}\n`).join('')
      yield* s.say(
        `Package ${name} is a virtual package provided by:\n${list}You should explicitly select one to install.\n\n`,
      )
      errors.push(`Package '${name}' has no installation candidate`)
    } else if (found.kind === 'mentioned') {
      yield* s.say(
        `Package ${name} is not available, but is referred to by another package.\nThis may mean that the package is missing, has been obsoleted, or\nis only available from another source\n\n`,
      )
      errors.push(`Package '${name}' has no installation candidate`)
    } else errors.push(`Unable to locate package ${name}`)
  }
  if (errors.length > 0) throw new AptError(...errors)
  return wanted
}

function matches(version: string, wanted: string): boolean {
  return wanted.endsWith('*') ? version.startsWith(wanted.slice(0, -1)) : version === wanted
}

function* unmetError(s: Session, unmet: readonly { pkg: Package; clause: string }[]): Routine<AptError> {
  yield* s.out(
    `Some packages could not be installed. This may mean that you have\nrequested an impossible situation or if you are using the unstable\ndistribution that some required packages have not yet been created\nor been moved out of Incoming.\nThe following information may help to resolve the situation:\n\nThe following packages have unmet dependencies:\n`,
  )
  for (const { pkg, clause } of unmet) yield* s.out(` ${pkg.name} : Depends: ${clause} but it is not installable\n`)
  return new AptError('Unable to correct problems, you have held broken packages.')
}

interface Work {
  install: readonly Package[]
  upgrade: readonly Package[]
  again: readonly Package[]
  /** Names that were asked for. */
  wanted: ReadonlySet<string>
  recommends: boolean
}

function* carryOut(s: Session, work: Work): Routine<number> {
  const { p, db } = s
  const all = [...work.install, ...work.upgrade, ...work.again]
  const names = (list: readonly Package[]): string[] => list.map(pkg => pkg.name).sort()
  const coming = new Set(all.map(pkg => pkg.name))
  const there = (name: string): boolean => db.installed(name) !== undefined || coming.has(name)
  const extra = [...work.install, ...work.upgrade].filter(pkg => !work.wanted.has(pkg.name))
  const unused = unneeded(s.index, db).filter(name => !coming.has(name))
  const held = upgradable(s).filter(name => !coming.has(name)).length
  yield* s.say(unusedList(unused))
  if (work.wanted.size > 0) {
    yield* s.say(nameList('The following additional packages will be installed:', names(extra)))
    yield* s.say(nameList('Suggested packages:', suggestions(work.install, there)))
    if (!work.recommends)
      yield* s.say(nameList('Recommended packages:', missingRecommendations(s, work.install, there)))
  }
  yield* s.say(nameList('The following NEW packages will be installed:', names(work.install)))
  yield* s.say(nameList('The following packages will be upgraded:', names(work.upgrade)))
  const counts = {
    upgraded: work.upgrade.length,
    installed: work.install.length,
    removed: 0,
    kept: held,
    reinstalled: work.again.length,
  }
  yield* s.say(countsLine(counts))
  if (all.length === 0) return 0
  if (s.given.has('simulate')) {
    for (const verb of ['Inst', 'Conf'])
      for (const pkg of all) yield* s.out(`${verb} ${pkg.name} (${pkg.version} ${s.release.origin} [${pkg.arch}])\n`)
    return 0
  }
  const missing = all.filter(pkg => !exists(p, `${archives}/${archiveName(pkg)}`))
  const bytes = missing.reduce((sum, pkg) => sum + pkg.download, 0)
  const total = all.reduce((sum, pkg) => sum + pkg.download, 0)
  yield* s.say(bytes === total ? needLine(bytes) : `Need to get ${aptSize(bytes)}B/${aptSize(total)}B of archives.\n`)
  yield* s.say(spaceLine(work.install.reduce((sum, pkg) => sum + pkg.installed, 0)))
  if ((extra.length > 0 || work.wanted.size === 0) && !(yield* confirm(s))) return 1
  yield* download(s, missing, bytes)
  if (s.given.has('downloadOnly')) {
    for (const pkg of missing) yield* put(p, `${archives}/${archiveName(pkg)}`, { text: '', size: pkg.download })
    yield* s.say('Download complete and in download only mode\n')
    return 0
  }
  yield* configure(s, work, all)
  if (!exists(p, '/etc/apt/apt.conf.d/docker-clean'))
    for (const pkg of missing) yield* put(p, `${archives}/${archiveName(pkg)}`, { text: '', size: pkg.download })
  return 0
}

/** What apt says of packages that nothing needs any more. */
export function unusedList(names: readonly string[]): string {
  if (names.length === 0) return ''
  const [title, end] =
    names.length === 1
      ? ['The following package was automatically installed and is no longer required:', 'it']
      : ['The following packages were automatically installed and are no longer required:', 'them']
  return `${nameList(title, names)}Use 'apt autoremove' to remove ${end}.\n`
}

function missingRecommendations(s: Session, packages: readonly Package[], there: (name: string) => boolean): string[] {
  const found = packages.flatMap(pkg =>
    pkg.recommends
      .filter(
        clause => !clause.some(name => there(name) || (s.index.providers.get(name) ?? []).some(one => there(one.name))),
      )
      .map(clause => clause.join(' | ')),
  )
  return [...new Set(found)].sort()
}

function* download(s: Session, packages: readonly Package[], bytes: number): Routine<void> {
  const connected = yield* online(s.p)
  const debian = s.release.id === 'debian'
  let number = 0
  const failed: string[] = []
  for (const pkg of packages) {
    number++
    const { codename } = s.release
    const suite = pkg.pocket === 'main' ? codename : `${codename}-${pkg.pocket}`
    const host = debian
      ? 'deb.debian.org'
      : s.arch === 'arm64'
        ? 'ports.ubuntu.com'
        : pkg.pocket === 'security'
          ? 'security.ubuntu.com'
          : 'archive.ubuntu.com'
    const uri = debian
      ? `http://${host}/debian${pkg.pocket === 'security' ? '-security' : ''}`
      : `http://${host}/ubuntu${s.arch === 'arm64' ? '-ports' : ''}`
    const what = `${number} ${uri} ${suite}/main ${s.arch} ${pkg.name} ${pkg.arch} ${pkg.version}`
    if (connected) yield* s.say(`Get:${what} [${aptSize(pkg.download)}B]\n`)
    else {
      yield* s.say(`Ign:${what}\nErr:${what}\n  Temporary failure resolving '${host}'\n`)
      failed.push(
        `Failed to fetch ${uri}/pool/main/${pkg.name[0]}/${pkg.name}/${archiveName(pkg).replaceAll('+', '%2b')}  Temporary failure resolving '${host}'`,
      )
    }
  }
  if (failed.length > 0)
    throw new AptError(...failed, 'Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?')
  if (!s.db.installed('apt-utils'))
    yield* s.err('debconf: delaying package configuration, since apt-utils is not installed\n')
  if (bytes > 0) yield* s.say(fetchedLine(bytes, transferMs(bytes, packages.length)))
}

function* configure(s: Session, work: Work, all: readonly Package[]): Routine<void> {
  const { p, db } = s
  const numbered = all.length > 5
  const digits = String(all.length - 1).length
  const log: string[] = []
  const stamp = new Date(p.now()).toISOString().slice(0, 19).replace('T', ' ')
  for (const [at, pkg] of all.entries()) {
    const old = db.installed(pkg.name)
    if (!old) yield* s.out(`Selecting previously unselected package ${fullName(pkg)}.\n`)
    if (at === 0) yield* s.out(readingDatabase(filesInstalled(s)))
    const prefix = numbered ? `${String(at).padStart(digits, '0')}-` : ''
    yield* s.out(`Preparing to unpack .../${prefix}${archiveName(pkg)} ...\n`)
    const over = old ? ` over (${old.version})` : ''
    yield* s.out(`Unpacking ${fullName(pkg)} (${pkg.version})${over} ...\n`)
    yield* unpack(p, pkg, s.release, s.arch)
    log.push(
      `${stamp} ${old ? 'upgrade' : 'install'} ${pkg.name}:${pkg.arch} ${old?.version ?? '<none>'} ${pkg.version}`,
    )
  }
  for (const pkg of all) {
    yield* s.out(`Setting up ${fullName(pkg)} (${pkg.version}) ...\n`)
    for (const line of yield* setUp(p, pkg, s.release, s.arch)) yield* s.out(`${line}\n`)
    const known = db.installed(pkg.name) !== undefined
    db.add(pkg, s.release.maintainer)
    if (!known && !work.wanted.has(pkg.name)) db.auto.add(pkg.name)
    else if (work.wanted.has(pkg.name)) db.auto.delete(pkg.name)
    log.push(`${stamp} status installed ${pkg.name}:${pkg.arch} ${pkg.version}`)
  }
  yield* triggers(s, all)
  yield* writeDatabase(p, db)
  yield* writeLogs(
    s,
    log,
    `Install: ${all.map(pkg => `${fullName(pkg)} (${pkg.version}${work.wanted.has(pkg.name) ? '' : ', automatic'})`).join(', ')}`,
  )
}

/** What happens once at the end, for packages that care about others' files. */
export function* triggers(s: Session, packages: readonly Package[]): Routine<void> {
  const run = function* (name: string): Routine<void> {
    const entry = s.db.installed(name)
    if (entry) yield* s.out(`Processing triggers for ${name} (${entry.version}) ...\n`)
  }
  if (packages.some(pkg => /\.so(\.|$)/.test(pkg.fill))) yield* run('libc-bin')
  if (!packages.some(pkg => pkg.name === 'man-db')) yield* run('man-db')
  if (packages.some(pkg => pkg.name === 'ca-certificates')) {
    yield* run('ca-certificates')
    yield* s.out(
      'Updating certificates in /etc/ssl/certs...\n0 added, 0 removed; done.\nRunning hooks in /etc/ca-certificates/update.d...\ndone.\n',
    )
  }
}

/** Adds to the logs that apt and dpkg keep. */
export function* writeLogs(s: Session, dpkg: readonly string[], what: string): Routine<void> {
  const { p } = s
  const stamp = new Date(p.now()).toISOString().slice(0, 19).replace('T', '  ')
  for (const [path, text, mode] of [
    ['/var/log/dpkg.log', `${dpkg.join('\n')}\n`, 0o644],
    [
      '/var/log/apt/history.log',
      `\nStart-Date: ${stamp}\nCommandline: ${p.argv.join(' ')}\n${what}\nEnd-Date: ${stamp}\n`,
      0o644,
    ],
  ] as const) {
    if (!exists(p, path)) yield* put(p, path, { text: '', mode })
    const fd = p.open(path, { write: true, append: true })
    yield { op: 'write', fd, data: Buffer.from(text, 'latin1') }
    p.close(fd)
  }
}
