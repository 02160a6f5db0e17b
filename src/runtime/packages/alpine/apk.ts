/** apk: add, del, update, upgrade, info, search, list, policy, cache. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { type Call, command } from '../../../kernel/userland/lib/command.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { UsageError } from '../../../kernel/userland/lib/failure.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { type Options, parseOptions } from '../../../kernel/userland/lib/options.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { online } from '../lib/online.ts'
import { dataText, programText, put, take } from '../lib/place.ts'
import { type Database, readDatabase, sumLine, writeDatabase } from './database.ts'
import { indexOf, type Package } from './index.ts'

export const options = {
  noCache: '--no-cache  keep no index',
  update: '-U --update-cache --update  fetch the index first',
  virtual: '-t=NAME --virtual=NAME  one name for what is added, to delete it by',
  upgrade: '-u --upgrade  newer versions of what is there',
  latest: '-l --latest --no-chown --initdb  accepted',
  quiet: '-q --quiet  fewer words',
  simulate: '-s --simulate  only say what would be done',
  force:
    '-f --force --force-overwrite --force-broken-world --force-refresh --allow-untrusted --no-progress --progress --no-interactive -i --interactive --purge --rdepends --clean-protected --no-scripts --no-commit-hooks --wait=SECONDS --no-network --cache-max-age=MINUTES --repositories-file=FILE  accepted',
  repository: '-X=URL --repository=URL  another repository; its packages are the same',
  root: '-p=DIR --root=DIR --arch=ARCH --keys-dir=DIR  accepted',
  installed: '-e --installed -I  whether it is installed',
  all: '-a --all  everything (info)',
  contents: '-L --contents  its files (info)',
  depends: '-R --depends  what it needs (info)',
  size: '-s --size  its size (info)',
  description: '-d --description  its description (info, search)',
  owner: '-W --who-owns  whose file it is (info)',
  exact: '-x --exact  exactly this name (search)',
  verbose: '-v --verbose  versions too',
  printArch: '--print-arch  the architecture',
  version: '-V --version  the version',
  help: '-h --help  usage',
}

interface ApkCall {
  call: Call<Record<never, string>>
  p: Proc
  given: Options<typeof options>
  args: string[]
  index: ReadonlyMap<string, Package>
  machine: string
  say(text: string): Routine<void>
  err(text: string): Routine<void>
}

class ApkError extends Error {
  readonly text: string
  readonly status: number
  constructor(text: string, status = 1) {
    super(text)
    this.text = text
    this.status = status
  }
}

const cacheFolder = '/var/cache/apk'

/** Repositories as /etc/apk/repositories and `-X` name them. */
function* repositories(a: ApkCall): Routine<string[]> {
  const text = yield* textOf(a.p, '/etc/apk/repositories')
  const lines = text
    .split('\n')
    .map(line =>
      line
        .replace(/#.*/, '')
        .trim()
        .replace(/^@\S+\s+/, ''),
    )
    .filter(line => line !== '')
  return [...a.given.values('repository'), ...lines].map(line => line.replace(/\/$/, ''))
}

const indexFile = (url: string): string =>
  `${cacheFolder}/APKINDEX.${[...url]
    .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)
    .toString(16)
    .padStart(8, '0')}.tar.gz`

/** Makes the index known: from the cache, or fetched. Returns whether any repository could be read. */
function* fetchIndex(a: ApkCall, always: boolean): Routine<boolean> {
  const urls = yield* repositories(a)
  const connected = yield* online(a.p)
  let known = false
  for (const url of urls) {
    const file = indexFile(url)
    if (!always && !a.given.has('noCache') && exists(a.p, file)) {
      known = true
      continue
    }
    yield* a.say(`fetch ${url}/${a.machine}/APKINDEX.tar.gz\n`)
    const served =
      connected &&
      /^https?:\/\/(dl-cdn|dl-\d|mirror|uk|[\w.]*)\.?[\w.-]*\/.*\/(v[\d.]+|edge|latest-stable)\/(main|community|testing)$/.test(
        url,
      )
    if (!served) {
      yield* a.err(
        connected
          ? `WARNING: ${a.given.has('noCache') ? 'opening' : 'updating and opening'} ${url}: No such file or directory\n`
          : `WARNING: ${a.given.has('noCache') ? 'fetching' : 'updating and opening'} ${url}: ${a.given.has('noCache') ? 'temporary error (try again later)' : 'temporary error (try again later)'}\n`,
      )
      continue
    }
    known = true
    if (!a.given.has('noCache')) yield* put(a.p, file, { text: '', size: url.endsWith('main') ? 480_000 : 1_720_000 })
  }
  return known
}

/** Packages to install, each after what it needs; names that are not there go to `missing`. */
function plan(a: ApkCall, db: Database, wanted: readonly string[], missing: { name: string; by: string }[]): Package[] {
  const order: Package[] = []
  const seen = new Set<string>()
  const visit = (name: string, by: string, depth: number): void => {
    if (seen.has(name) || db.entries.has(name) || depth > 100) return
    const pkg = a.index.get(name)
    if (!pkg) {
      if (!['musl', 'zlib', 'libcrypto3', 'libssl3', 'busybox'].includes(name)) missing.push({ name, by })
      return
    }
    seen.add(name)
    for (const one of [...pkg.depends].sort()) visit(one, pkg.name, depth + 1)
    order.push(pkg)
  }
  for (const name of [...wanted].sort()) visit(name, 'world', 0)
  return order
}

/** `bash`, `curl=8.5.0-r0`, `nodejs>18`, `pkg@testing`. */
function parseWord(word: string): { name: string; operator: string; version: string } {
  const [, name = word, operator = '', version = ''] = /^([^=<>~@]+)(?:@\w+)?([=<>~]+)?(.*)$/.exec(word) ?? []
  return { name, operator, version }
}

function* add(a: ApkCall): Routine<number> {
  const { p, given } = a
  requireWrite(p)
  const virtual = given.value('virtual')
  const known = yield* fetchIndex(a, given.has('update') || given.has('noCache'))
  const db = yield* readDatabase(p)
  const words = a.args.map(parseWord)
  const missing: { name: string; by: string }[] = []
  const names = words.map(word => word.name)
  const found = known ? a.index : new Map<string, Package>()
  const all = plan({ ...a, index: found }, db, names, missing)
  const problems = missing.map(
    ({ name, by }) =>
      `  ${name} (no such package):\n    required by: ${by === 'world' && virtual !== undefined ? `${virtual.startsWith('.') ? '' : ''}${virtual}-${stamp(p)}[${name}]` : `world[${name}]`}\n`,
  )
  for (const { name, operator, version } of words) {
    const have = found.get(name)?.version ?? db.entries.get(name)?.version
    if (have === undefined || operator === '') continue
    const bare = version.replace(/^~/, '')
    const ok = operator.includes('~') ? have.startsWith(bare) : operator === '=' ? have === bare : true
    if (!ok) problems.push(`  ${name}-${have}:\n    breaks: world[${name}${operator}${version}]\n`)
  }
  if (problems.length > 0)
    throw new ApkError(`ERROR: unable to select packages:\n${problems.join('')}`, problems.length)
  const steps: Package[] = [...all]
  if (virtual !== undefined)
    steps.push({
      name: virtual,
      version: stamp(p),
      size: 0,
      download: 0,
      depends: words.map(word => word.name),
      commands: [],
      fill: '',
      description: 'virtual meta package',
    })
  if (!given.has('simulate'))
    for (const word of virtual === undefined ? a.args : [virtual]) {
      const { name, operator } = parseWord(word)
      for (const old of db.world) if (operator !== '' && parseWord(old).name === name) db.world.delete(old)
      db.world.add(word.replace(/@.*$/, ''))
    }
  for (const [at, pkg] of steps.entries()) {
    yield* a.say(`(${at + 1}/${steps.length}) Installing ${pkg.name} (${pkg.version})\n`)
    if (given.has('simulate')) continue
    const files = yield* unpack(p, pkg, a.machine)
    db.entries.set(pkg.name, {
      name: pkg.name,
      version: pkg.version,
      size: pkg.size,
      depends: pkg.depends,
      files,
      description: pkg.description,
      arch: virtual === pkg.name ? 'noarch' : a.machine,
    })
    const script = scripts[pkg.name]
    if (script !== undefined) yield* a.say(`Executing ${pkg.name}-${pkg.version}.${script}\n`)
  }
  if (!given.has('simulate')) {
    yield* triggers(a, db, steps)
    yield* writeDatabase(p, db)
  }
  yield* a.say(sumLine(db))
  return 0
}

/** The version of a virtual package: when it was made. */
function stamp(p: Proc): string {
  return new Date(p.now()).toISOString().replace(/[-:]/g, '').replace('T', '.').slice(0, 15)
}

/** Packages with a script that runs after they are installed. */
const scripts: Record<string, string> = {
  bash: 'post-install',
  nginx: 'pre-install',
  redis: 'pre-install',
  openrc: 'post-install',
  'openssh-server': 'pre-install',
  'php83-common': 'post-install',
}

function* triggers(a: ApkCall, db: Database, steps: readonly Package[]): Routine<void> {
  const busybox = db.entries.get('busybox')
  if (busybox && steps.some(pkg => pkg.commands.length > 0 || pkg.fill !== ''))
    yield* a.say(`Executing busybox-${busybox.version}.trigger\n`)
  const certificates = steps.find(pkg => pkg.name === 'ca-certificates')
  if (certificates) yield* a.say(`Executing ca-certificates-${certificates.version}.trigger\n`)
  const java = steps.find(pkg => pkg.name === 'java-common')
  if (java) yield* a.say(`Executing java-common-${java.version}.trigger\n`)
}

/** Commands that take the place of busybox's when a package brings its own, and other links. */
const links: Record<string, Record<string, string>> = {
  python3: { '/usr/bin/python3': 'python3.12', '/usr/bin/python': 'python3' },
  npm: {
    '/usr/bin/npm': '../lib/node_modules/npm/bin/npm-cli.js',
    '/usr/bin/npx': '../lib/node_modules/npm/bin/npx-cli.js',
  },
  'openjdk17-jre-headless': {
    '/usr/bin/java': '/usr/lib/jvm/java-17-openjdk/bin/java',
    '/usr/lib/jvm/default-jvm': 'java-17-openjdk',
  },
  'openjdk17-jdk': {
    '/usr/bin/javac': '/usr/lib/jvm/java-17-openjdk/bin/javac',
    '/usr/bin/jar': '/usr/lib/jvm/java-17-openjdk/bin/jar',
  },
  'openjdk21-jre-headless': {
    '/usr/bin/java': '/usr/lib/jvm/java-21-openjdk/bin/java',
    '/usr/lib/jvm/default-jvm': 'java-21-openjdk',
  },
  openjdk21: {
    '/usr/bin/javac': '/usr/lib/jvm/java-21-openjdk/bin/javac',
    '/usr/bin/jar': '/usr/lib/jvm/java-21-openjdk/bin/jar',
  },
  'busybox-extras': {
    '/usr/bin/telnet': '/bin/busybox-extras',
    '/usr/bin/ftpget': '/bin/busybox-extras',
    '/usr/sbin/httpd': '/bin/busybox-extras',
  },
}
const programs: Record<string, Record<string, string>> = {
  python3: { 'python3.12': 'python3', 'python3.11': 'python3' },
  'py3-pip': { pip3: 'pip', 'pip3.12': 'pip', 'pip3.11': 'pip' },
  'busybox-extras': { 'busybox-extras': 'busybox' },
  'mariadb-client': { mariadb: 'mysql' },
}
const texts: Record<string, Record<string, string>> = {
  'ca-certificates': { '/etc/ca-certificates.conf': 'mozilla/ISRG_Root_X1.crt\n' },
  nginx: {
    '/etc/nginx/nginx.conf':
      'user nginx;\nworker_processes auto;\nerror_log /var/log/nginx/error.log warn;\ninclude /etc/nginx/modules/*.conf;\n\nevents {\n\tworker_connections 1024;\n}\n\nhttp {\n\tinclude /etc/nginx/mime.types;\n\tdefault_type application/octet-stream;\n\tserver_tokens off;\n\taccess_log /var/log/nginx/access.log;\n\tinclude /etc/nginx/http.d/*.conf;\n}\n',
    '/etc/nginx/mime.types':
      'types {\n\ttext/html html htm;\n\ttext/css css;\n\tapplication/javascript js;\n\tapplication/json json;\n\timage/png png;\n\timage/svg+xml svg;\n\ttext/plain txt;\n}\n',
    '/etc/nginx/http.d/default.conf':
      'server {\n\tlisten 80 default_server;\n\tlisten [::]:80 default_server;\n\n\t# Everything is a 404\n\tlocation / {\n\t\treturn 404;\n\t}\n}\n',
    '/var/lib/nginx/html/index.html':
      '<!DOCTYPE html>\n<html>\n<head><title>Welcome to nginx!</title></head>\n<body><h1>Welcome to nginx!</h1></body>\n</html>\n',
    '/var/log/nginx/.keep': '',
  },
  sudo: { '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n' },
}
const users: Record<string, [passwd: string, group: string]> = {
  nginx: ['nginx:x:100:101:nginx:/var/lib/nginx:/sbin/nologin', 'nginx:x:101:nginx'],
  redis: ['redis:x:100:101:redis:/var/lib/redis:/sbin/nologin', 'redis:x:101:redis'],
}

/** Puts a package's files in place; their paths. */
function* unpack(p: Proc, pkg: Package, machine: string): Routine<string[]> {
  const files: string[] = []
  const put1 = function* (path: string, content: Parameters<typeof put>[2]): Routine<void> {
    yield* put(p, path, content)
    files.push(path)
  }
  let left = pkg.size
  const count = pkg.commands.reduce((sum, [, names]) => sum + names.length, 0)
  const size = count === 0 ? 0 : Math.floor((left * (pkg.fill === '' ? 0.95 : 0.4)) / count)
  const upstream = pkg.version.replace(/-r\d+$/, '').replace(/_p.*$/, '')
  for (const [dir, names] of pkg.commands)
    for (const name of names) {
      const flavour = pkg.name === 'busybox-extras' ? 'busybox' : 'gnu'
      const text = programText(programs[pkg.name]?.[name] ?? name, {
        flavour,
        package: pkg.name,
        version: upstream,
        arch: machine === 'aarch64' ? 'arm64' : 'amd64',
      })
      yield* put1(`${dir}/${name}`, {
        text,
        size: Math.max(size, text.length),
        mode: name === 'sudo' || name === 'su-exec' ? (name === 'sudo' ? 0o4755 : 0o755) : 0o755,
      })
      left -= size
    }
  if (pkg.name === 'npm')
    for (const name of ['npm', 'npx'])
      yield* put1(`/usr/lib/node_modules/npm/bin/${name}-cli.js`, {
        text: programText(name, { version: upstream }),
        mode: 0o755,
      })
  for (const [path, text] of Object.entries(texts[pkg.name] ?? {})) yield* put1(path, { text })
  for (const [path, link] of Object.entries(links[pkg.name] ?? {}))
    yield* put1(path, { link: pkg.version.startsWith('3.11') ? link.replace('3.12', '3.11') : link })
  if (pkg.fill !== '' && left > 0 && !exists(p, pkg.fill))
    yield* put1(pkg.fill, {
      text: left > 200 ? dataText(pkg.fill.slice(pkg.fill.lastIndexOf('/') + 1)) : '',
      size: left,
      mode: /\.so/.test(pkg.fill) ? 0o755 : 0o644,
    })
  const account = users[pkg.name]
  if (account)
    for (const [file, line] of [
      ['/etc/passwd', account[0]],
      ['/etc/group', account[1]],
    ] as const) {
      const text = yield* textOf(p, file)
      if (!text.includes(`\n${line.split(':')[0]}:`)) yield* put(p, file, { text: `${text}${line}\n` })
    }
  return files
}

function* del(a: ApkCall): Routine<number> {
  const { p } = a
  requireWrite(p)
  const db = yield* readDatabase(p)
  const unknown = a.args.filter(name => ![...db.world].some(word => parseWord(word).name === name))
  for (const word of [...db.world]) if (a.args.includes(parseWord(word).name)) db.world.delete(word)
  const kept = new Set<string>()
  const queue = [...db.world].map(word => parseWord(word).name)
  // What the image came with is not said to need anything, but stays.
  for (const entry of db.entries.values())
    if (entry.depends.length === 0 && entry.files.length === 0 && !entry.name.startsWith('.')) queue.push(entry.name)
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (kept.has(name)) continue
    kept.add(name)
    queue.push(...(db.entries.get(name)?.depends ?? []))
  }
  const stays = unknown.filter(name => db.entries.has(name))
  if (stays.length > 0) {
    yield* a.say('World updated, but the following packages are not removed due to:\n')
    for (const name of stays)
      yield* a.say(
        `  ${name}: ${[...db.entries.values()]
          .filter(entry => entry.depends.includes(name))
          .map(entry => entry.name)
          .join(' ')}\n`,
      )
    yield* a.say('\n')
  }
  const gone = [...db.entries.values()].filter(entry => !kept.has(entry.name)).reverse()
  for (const [at, entry] of gone.entries()) {
    yield* a.say(`(${at + 1}/${gone.length}) Purging ${entry.name} (${entry.version})\n`)
    const others = new Set([...db.entries.values()].filter(other => other !== entry).flatMap(other => other.files))
    for (const file of entry.files) if (!others.has(file)) take(p, file, { folders: true })
    db.entries.delete(entry.name)
  }
  const busybox = db.entries.get('busybox')
  if (busybox && gone.some(entry => entry.files.length > 0))
    yield* a.say(`Executing busybox-${busybox.version}.trigger\n`)
  yield* writeDatabase(p, db)
  yield* a.say(sumLine(db))
  return 0
}

function* update(a: ApkCall): Routine<number> {
  requireWrite(a.p)
  const known = yield* fetchIndex(a, true)
  const urls = yield* repositories(a)
  const release = (yield* textOf(a.p, '/etc/alpine-release')).trim()
  if (!known) {
    yield* a.say(
      `${urls.length} unavailable, 0 stale; ${(yield* readDatabase(a.p)).entries.size} distinct packages available\n`,
    )
    return urls.length
  }
  for (const url of urls) yield* a.say(`v${release}-${40 + url.length}-g${indexFile(url).slice(-15, -7)}def [${url}]\n`)
  yield* a.say(
    `OK: ${urls.some(url => url.endsWith('community')) ? '25' : '5'}${240 + Number(release.split('.')[1] ?? 0)} distinct packages available\n`,
  )
  return 0
}

function* info(a: ApkCall): Routine<number> {
  const db = yield* readDatabase(a.p)
  const { given } = a
  if (given.has('installed')) {
    const found = a.args.filter(name => db.entries.has(name))
    for (const name of found) yield* a.call.out.write(`${name}\n`)
    return a.args.length - found.length
  }
  if (given.has('owner')) {
    for (const path of a.args) {
      const owner = [...db.entries.values()].find(entry => entry.files.includes(path))
      if (!owner) throw new ApkError(`ERROR: ${path}: Could not find owner package\n`)
      yield* a.call.out.write(`${path} is owned by ${owner.name}-${owner.version}\n`)
    }
    return 0
  }
  if (a.args.length === 0) {
    for (const entry of [...db.entries.values()].sort((x, y) => (x.name < y.name ? -1 : 1)))
      yield* a.call.out.write(`${entry.name}${given.has('verbose') ? `-${entry.version}` : ''}\n`)
    return 0
  }
  let missing = 0
  for (const name of a.args) {
    const entry = db.entries.get(name)
    const pkg = a.index.get(name)
    if (!entry && !pkg) {
      missing++
      continue
    }
    const full = `${name}-${entry?.version ?? pkg?.version}`
    const part = (title: string, text: string): string => `${full} ${title}:\n${text}\n\n`
    if (given.has('contents'))
      yield* a.call.out.write(part('contains', (entry?.files ?? []).map(file => file.slice(1)).join('\n')))
    else if (given.has('depends'))
      yield* a.call.out.write(part('depends on', (entry?.depends ?? pkg?.depends ?? []).join('\n')))
    else {
      yield* a.call.out.write(part('description', entry?.description || pkg?.description || ''))
      yield* a.call.out.write(part('webpage', 'https://pkgs.alpinelinux.org/'))
      yield* a.call.out.write(part('installed size', `${Math.round((entry?.size ?? pkg?.size ?? 0) / 1024)} KiB`))
    }
  }
  return missing
}

function* search(a: ApkCall): Routine<number> {
  const exact = a.given.has('exact')
  for (const pkg of [...a.index.values()].sort((x, y) => (x.name < y.name ? -1 : 1))) {
    const hit =
      a.args.length === 0 ||
      a.args.some(word =>
        exact
          ? pkg.name === word
          : pkg.name.includes(word.replaceAll('*', '')) ||
            (a.given.has('description') && pkg.description.includes(word)),
      )
    if (hit)
      yield* a.call.out.write(
        `${pkg.name}-${pkg.version}${a.given.has('verbose') || a.given.has('description') ? ` - ${pkg.description}` : ''}\n`,
      )
  }
  return 0
}

function* list(a: ApkCall): Routine<number> {
  const db = yield* readDatabase(a.p)
  for (const entry of [...db.entries.values()].sort((x, y) => (x.name < y.name ? -1 : 1)))
    if (a.args.length === 0 || a.args.includes(entry.name))
      yield* a.call.out.write(
        `${entry.name}-${entry.version} ${entry.arch || a.machine} {${entry.name}} () [installed]\n`,
      )
  return 0
}

function requireWrite(p: Proc): void {
  let allowed = false
  try {
    allowed = p.access('/lib/apk/db', { write: true })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  if (allowed) return
  const readOnly = p.cred.uid === 0
  const reason = readOnly ? 'Read-only file system' : 'Permission denied'
  throw new ApkError(`ERROR: Unable to lock database: ${reason}\nERROR: Failed to open apk database: ${reason}\n`, 99)
}

const verbs: Record<string, (a: ApkCall) => Routine<number>> = {
  add,
  del,
  update,
  *upgrade(a) {
    requireWrite(a.p)
    yield* fetchIndex(a, a.given.has('update') || a.given.has('noCache'))
    yield* a.say(sumLine(yield* readDatabase(a.p)))
    return 0
  },
  info,
  search,
  list,
  *fix(a) {
    yield* a.say(sumLine(yield* readDatabase(a.p)))
    return 0
  },
  *policy(a) {
    const db = yield* readDatabase(a.p)
    for (const name of a.args) {
      const version = db.entries.get(name)?.version ?? a.index.get(name)?.version
      if (version !== undefined)
        yield* a.call.out.write(
          `${name} policy:\n  ${version}:\n${db.entries.has(name) ? '    lib/apk/db/installed\n' : ''}${(yield* repositories(
            a,
          ))
            .slice(0, 1)
            .map(url => `    ${url}\n`)
            .join('')}`,
        )
    }
    return 0
  },
  *cache(a) {
    if (a.args[0] === 'clean' || a.args[0] === 'purge')
      for (const { name } of exists(a.p, cacheFolder) ? a.p.readdir(cacheFolder) : [])
        take(a.p, `${cacheFolder}/${name}`)
    yield* a.call.out.flush()
    return 0
  },
  *stats(a) {
    const db = yield* readDatabase(a.p)
    yield* a.call.out.write(`installed:\n  packages: ${db.entries.size}\n  world_size: ${db.world.size}\n`)
    return 0
  },
  *version(a) {
    yield* a.call.out.write('Installed:                                Available:\n')
    return 0
  },
}

const usage = (version: string, machine: string): string => `apk-tools ${version}, compiled for ${machine}.

usage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]

Package installation and removal:
  add        Add packages to WORLD and commit changes
  del        Remove packages from WORLD and commit changes

System maintenance:
  fix        Fix, reinstall or upgrade packages without modifying WORLD
  update     Update repository indexes
  upgrade    Install upgrades available from repositories
  cache      Manage the local package cache

Querying package information:
  info       Give detailed information about packages or repositories
  list       List packages matching a pattern or other criteria
  policy     Show repository policy for packages
  search     Search for packages by name or description

This apk has coffee making abilities.
For more information: man 8 apk
`

export const program: CoroutineProgram = command(
  'apk',
  {},
  function* (call) {
    const { p, out } = call
    const machine = p.uname().machine
    const release = (yield* textOf(p, '/etc/alpine-release')).trim().split('.').slice(0, 2).join('.')
    const err = function* (text: string): Routine<void> {
      yield* out.flush()
      yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
    }
    const tools = (yield* readDatabase(p)).entries.get('apk-tools')?.version.replace(/-r\d+$/, '') ?? '2.14.6'
    try {
      const given = parse(call.args)
      if (given.has('printArch')) {
        yield* out.write(`${machine}\n`)
        return 0
      }
      if (given.has('version')) {
        yield* out.write(`apk-tools ${tools}, compiled for ${machine}.\n`)
        return 0
      }
      const [verb, ...args] = given.operands
      if (verb === undefined || given.has('help')) {
        yield* out.write(usage(tools, machine))
        return verb === undefined && !given.has('help') ? 1 : 0
      }
      const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
      if (!run) {
        yield* err(`ERROR: '${verb}' is not an apk command. See 'apk --help'.\n`)
        return 1
      }
      const quiet = given.has('quiet')
      return yield* run({
        call,
        p,
        given,
        args,
        index: indexOf(release, machine),
        machine,
        *say(text) {
          if (!quiet) yield* out.write(text)
        },
        err,
      })
    } catch (error) {
      if (!(error instanceof ApkError)) throw error
      yield* err(error.text)
      return error.status
    }
  },
  { raw: true },
)

function parse(args: readonly string[]): Options<typeof options> {
  try {
    return parseOptions(options, args, { flavour: 'gnu' })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const name = /'(.*)'/.exec(error.message)?.[1] ?? ''
    throw new ApkError(
      `apk: ${name.startsWith('--') ? `unrecognized option: ${name.slice(2)}` : `unrecognized option: ${name}`}\n`,
      1,
    )
  }
}
