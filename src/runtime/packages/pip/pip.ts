/** pip: install, uninstall, list, freeze, show, check, download's words and errors. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { type Call, command } from '../../../kernel/userland/lib/command.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { UsageError } from '../../../kernel/userland/lib/failure.ts'
import { readFile } from '../../../kernel/userland/lib/input.ts'
import { type Options, parseOptions } from '../../../kernel/userland/lib/options.ts'
import { findProgram } from '../../../kernel/userland/lib/spawn.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { online } from '../lib/online.ts'
import { put, take } from '../lib/place.ts'
import { choose, type Distribution, lookUp, meets, normal, parseRequirement, type Requirement } from './index.ts'
import { type Installed, installedIn, neededBy, place, remove, type Site, siteOf } from './site.ts'

export const options = {
  file: '-r=FILE --requirement=FILE  requirements from a file',
  constraint: '-c=FILE --constraint=FILE  versions from a file',
  upgrade: '-U --upgrade  newer versions of what is there',
  force: '--force-reinstall --ignore-installed -I  install again',
  noDeps: '--no-deps  without dependencies',
  user: '--user  in the home directory',
  target: '-t=DIR --target=DIR  in DIR',
  prefix: '--prefix=DIR --root=DIR  accepted',
  noCache: '--no-cache-dir  keep nothing in ~/.cache/pip',
  breakSystem: '--break-system-packages  although the system manages its Python',
  quiet: '-q --quiet  fewer words',
  rootAction: '--root-user-action=WHAT  `ignore`: nothing about being root',
  editable: "-e=DIR --editable=DIR  a project of one's own",
  yes: '-y --yes  without asking',
  outdated: '-o --outdated  accepted',
  format: '--format=FORMAT  columns, freeze or json (list)',
  files: '-f --files  accepted',
  version: '-V --version  the version',
  help: '-h --help  usage',
  noNotice: '--disable-pip-version-check  nothing about a newer pip',
  dest: '-d=DIR --dest=DIR -w=DIR --wheel-dir=DIR  where to put archives (download, wheel)',
  accepted:
    '-v --verbose --no-input --pre --prefer-binary --no-build-isolation --no-binary=LIST --only-binary=LIST --index-url=URL -i=URL --extra-index-url=URL --trusted-host=HOST --timeout=N --default-timeout=N --retries=N --no-warn-script-location --progress-bar=KIND --find-links=URL --no-compile --no-index --require-hashes --use-pep517 --isolated --no-color --cache-dir=DIR --upgrade-strategy=S --no-python-version-warning  accepted',
}

class PipError extends Error {
  readonly lines: readonly string[]
  readonly status: number
  constructor(lines: readonly string[], status = 1) {
    super(lines.join('\n'))
    this.lines = lines
    this.status = status
  }
}

interface PipCall {
  call: Call<Record<never, string>>
  p: Proc
  site: Site
  given: Options<typeof options>
  args: string[]
}

/** A requirement with where it came from. */
interface Wanted extends Requirement {
  /** ` (from -r requirements.txt (line 1))`. */
  from: string
  /** `flask==3.0.0`, as written. */
  text: string
}

const kilo = (bytes: number): string =>
  bytes < 1000
    ? `${bytes} bytes`
    : bytes < 10_000
      ? `${(bytes / 1000).toFixed(1)} kB`
      : bytes < 1_000_000
        ? `${Math.round(bytes / 1000)} kB`
        : `${(bytes / 1_000_000).toFixed(1)} MB`

function* warn(lines: readonly string[]): Routine<void> {
  yield { op: 'write', fd: 2, data: Buffer.from(`${lines.join('\n')}\n`) }
}

/** Requirements from a file and the files that it names. */
function* fromFile(p: Proc, path: string, depth = 0): Routine<Wanted[]> {
  let text: string
  try {
    text = yield* readFile(p, path)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new PipError([
      `ERROR: Could not open requirements file: [Errno ${error.code === 'ENOENT' ? 2 : 13}] ${error.code === 'ENOENT' ? 'No such file or directory' : 'Permission denied'}: '${path}'`,
    ])
  }
  const wanted: Wanted[] = []
  for (const [at, raw] of text.replace(/\\\n/g, '').split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim()
    const other = /^(?:-r|--requirement)[\s=]+(\S+)$/.exec(line)?.[1]
    if (line === '' || (line.startsWith('-') && other === undefined)) continue
    if (other !== undefined) {
      if (depth < 10)
        wanted.push(
          ...(yield* fromFile(
            p,
            other.startsWith('/')
              ? other
              : `${path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : ''}${other}`,
            depth + 1,
          )),
        )
      continue
    }
    const one = toWanted(line.split(/\s+--hash/)[0] ?? line, ` (from -r ${path} (line ${at + 1}))`)
    if (!one)
      throw new PipError([
        `ERROR: Invalid requirement: '${line}': Expected end or semicolon (after name and no valid version specifier)`,
        `    ${line}`,
        `    ${' '.repeat(/^[\w.-]*/.exec(line)?.[0].length ?? 0)}^ (from line ${at + 1} of ${path})`,
      ])
    if (applies(line)) wanted.push(one)
  }
  return wanted
}

/** Whether the marker of a line holds on Linux. */
function applies(line: string): boolean {
  const marker = line.split(';')[1] ?? ''
  return !/(sys_platform|platform_system|os_name)\s*==\s*['"](win32|Windows|nt|darwin|Darwin)['"]/.test(marker)
}

function toWanted(text: string, from: string): Wanted | undefined {
  const [front = ''] = text.split(';')
  const one = parseRequirement(front)
  return one && { ...one, text: front.trim().replace(/\s+/g, ''), from }
}

const installVerb = function* (c: PipCall): Routine<number> {
  const { p, site, given } = c
  if (
    site.managed !== undefined &&
    !given.has('breakSystem') &&
    !given.has('target') &&
    p.env.get('PIP_BREAK_SYSTEM_PACKAGES') === undefined
  )
    throw externallyManaged(site, exists(p, '/etc/alpine-release'))
  const wanted: Wanted[] = []
  for (const file of given.values('file')) wanted.push(...(yield* fromFile(p, file)))
  for (const text of c.args) {
    if (text === '.' || text.startsWith('./') || text.startsWith('/')) {
      yield* warn(["minidock: pip installs packages of the index only; a project of one's own is not modelled"])
      continue
    }
    const one = toWanted(text, '')
    if (!one)
      throw new PipError([
        `ERROR: Invalid requirement: '${text}': Expected package name at the start of dependency specifier`,
        `    ${text}`,
        '    ^',
      ])
    wanted.push(one)
  }
  if (wanted.length === 0 && given.values('editable').length === 0 && given.values('file').length === 0)
    throw new PipError([`ERROR: You must give at least one requirement to install (see "pip help install")`])
  const where = target(c)
  const there = given.has('target') ? new Map<string, Installed>() : yield* installedIn(p, site, where.all)
  const plan = yield* resolve(c, wanted, there)
  if (plan.length > 0) yield* fetch(c, plan)
  const upgraded = plan.flatMap(one => there.get(normal(one.name)) ?? [])
  try {
    if (plan.length > 0 && !given.has('quiet')) {
      yield* c.call.out.write(`Installing collected packages: ${plan.map(one => one.name).join(', ')}\n`)
      for (const old of upgraded) {
        if (old.info === '') continue
        yield* c.call.out.write(
          `  Attempting uninstall: ${old.name}\n    Found existing installation: ${old.name} ${old.version}\n    Uninstalling ${old.name}-${old.version}:\n      Successfully uninstalled ${old.name}-${old.version}\n`,
        )
      }
    }
    for (const old of upgraded) if (old.info !== '') yield* remove(p, where.folder, old)
    for (const one of plan) yield* place(p, site, where.folder, where.bin, one)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new PipError([
      `ERROR: Could not install packages due to an OSError: [Errno ${error.code === 'EROFS' ? 30 : error.code === 'ENOSPC' ? 28 : 13}] ${error.message}: '${where.folder}'`,
      ...(error.code === 'EACCES' ? ['Consider using the `--user` option or check the permissions.', ''] : []),
    ])
  }
  if (plan.length > 0 && !given.has('quiet')) {
    const names = plan
      .map(one => `${one.name}-${one.version}`)
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    yield* c.call.out.write(`Successfully installed ${names.join(' ')}\n`)
  }
  yield* c.call.out.flush()
  yield* afterWords(c)
  return 0
}

/** Where this call puts things: the site, the home directory of who may not write there, or `--target`. */
function target(c: PipCall): { folder: string; bin: string; all: string[] } {
  const { p, site, given } = c
  const folder = given.value('target')
  if (folder !== undefined) return { folder, bin: `${folder}/bin`, all: [folder] }
  const home = p.env.get('HOME') ?? '/'
  const user = `${home}/.local/lib/${site.name}/site-packages`
  const system = p.cred.uid !== 0 && !writable(p, site.folder)
  if (given.has('user') || system) return { folder: user, bin: `${home}/.local/bin`, all: [site.folder, user] }
  return { folder: site.folder, bin: site.bin, all: [site.folder] }
}

function writable(p: Proc, folder: string): boolean {
  try {
    return p.access(folder, { write: true })
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function externallyManaged(site: Site, alpine: boolean): PipError {
  const words = alpine
    ? [
        '    The system-wide python installation should be maintained using the system',
        '    package manager (apk) only.',
        '    ',
        '    If the package in question is not packaged already (and hence installable via',
        '    "apk add py3-somepackage"), please consider installing it inside a virtual',
        '    environment, e.g.:',
        '    ',
        '    python3 -m venv /path/to/venv',
        '    . /path/to/venv/bin/activate',
        '    pip install mypackage',
        '    ',
        '    To exit the virtual environment, run:',
        '    ',
        '    deactivate',
        '    ',
        '    The virtual environment is not deleted, and can be re-entered by re-sourcing',
        '    the activate file.',
        '    ',
        '    To automatically manage virtual environments, consider using pipx (from the',
        '    pipx package).',
      ]
    : [
        '    python3-xyz, where xyz is the package you are trying to',
        '    install.',
        '    ',
        '    If you wish to install a non-Debian-packaged Python package,',
        '    create a virtual environment using python3 -m venv path/to/venv.',
        '    Then use path/to/venv/bin/python and path/to/venv/bin/pip. Make',
        '    sure you have python3-full installed.',
        '    ',
        '    If you wish to install a non-Debian packaged Python application,',
        '    it may be easiest to use pipx install xyz, which will manage a',
        '    virtual environment for you. Make sure you have pipx installed.',
        '    ',
        `    See /usr/share/doc/${site.name}/README.venv for more information.`,
      ]
  return new PipError([
    'error: externally-managed-environment',
    '',
    '× This environment is externally managed',
    `╰─> ${alpine ? '' : 'To install Python packages system-wide, try apt install'}`,
    ...words,
    '',
    'note: If you believe this is a mistake, please contact your Python installation or OS distribution provider. You can override this, at the risk of breaking your Python installation or OS, by passing --break-system-packages.',
    'hint: See PEP 668 for the detailed specification.',
  ])
}

/** What has to be installed, each after what it needs. Says of each requirement where it is taken from. */
function* resolve(
  c: PipCall,
  wanted: readonly Wanted[],
  there: ReadonlyMap<string, Installed>,
): Routine<Distribution[]> {
  const { given, call, p } = c
  const quiet = given.has('quiet')
  const connected = yield* online(p)
  const specifiers = new Map<string, string[]>()
  const chosen = new Map<string, Distribution>()
  const after = new Map<string, string[]>()
  const queue = [...wanted]
  const asked = new Set(wanted.map(one => normal(one.name)))
  let first = true
  for (let one = queue.shift(); one; one = queue.shift()) {
    const key = normal(one.name)
    const list = [...(specifiers.get(key) ?? []), one.specifier].filter(text => text !== '')
    specifiers.set(key, list)
    const old = there.get(key)
    const stays =
      old &&
      list.every(text => meets(old.version, text)) &&
      !given.has('force') &&
      !(given.has('upgrade') && asked.has(key) && lookUp(key)?.version !== old.version)
    if (stays) {
      if (!quiet)
        yield* call.out.write(
          `Requirement already satisfied: ${one.text} in ${shown(p, old.info === '' ? c.site.folder : old.info.slice(0, old.info.lastIndexOf('/')))}${one.from} (${old.version})\n`,
        )
      for (const text of old.requires) {
        const next = toWanted(text, ` (from ${one.text}${inner(one.from)})`)
        if (next && !after.has(key)) queue.push(next)
      }
      after.set(key, [])
      continue
    }
    const before = chosen.get(key)
    if (before && list.every(text => meets(before.version, text)) && one.extras.length === 0) continue
    if (!connected) throw offline(one)
    if (
      !quiet &&
      !before &&
      first &&
      given.has('user') === false &&
      c.p.cred.uid !== 0 &&
      target(c).folder.includes('/.local/')
    )
      yield* call.out.write('Defaulting to user installation because normal site-packages is not writeable\n')
    first = false
    const dist = choose(key, list)
    if (!dist) {
      const newest = lookUp(key)
      yield* call.out.flush()
      throw new PipError([
        `ERROR: Could not find a version that satisfies the requirement ${one.text}${one.from} (from versions: ${newest ? newest.version : 'none'})`,
        `ERROR: No matching distribution found for ${one.text}${one.from}`,
      ])
    }
    if (!before && !quiet) {
      const file =
        dist.needs === ''
          ? `${dist.fileName}-${dist.version}-${tagsFor(dist, c.site)}.whl.metadata`
          : `${dist.fileName}-${dist.version}.tar.gz`
      yield* call.out.write(
        `Collecting ${one.text}${one.from}\n  Downloading ${file} (${kilo(dist.needs === '' ? 1200 + ((dist.size * 7) % 6000) : dist.download)})\n`,
      )
    }
    if (dist.needs !== '') yield* buildCheck(c, dist)
    chosen.set(key, dist)
    const needs: string[] = after.get(key) ?? []
    if (!given.has('noDeps'))
      for (const next of dist.requires) {
        if (next.extra !== '' && !one.extras.includes(next.extra)) continue
        needs.push(normal(next.name))
        const text = `${next.name}${next.extras.length > 0 ? `[${next.extras.join(',')}]` : ''}${next.specifier}`
        queue.push({ ...next, text, from: ` (from ${one.text}${inner(one.from)})` })
      }
    after.set(key, needs)
  }
  return inOrder(chosen, after)
}

/** `/usr/local/lib/…` as pip writes it: relative to where it runs when it is below that. */
function shown(p: Proc, folder: string): string {
  const cwd = p.cwd() === '/' ? '/' : `${p.cwd()}/`
  return folder.startsWith(cwd) && p.cwd() !== '/' ? `./${folder.slice(cwd.length)}` : folder
}

/** The chain of who asked: `->-r requirements.txt (line 1)`. */
function inner(from: string): string {
  const text = /^ \(from (.*)\)$/.exec(from)?.[1]
  return text === undefined ? '' : `->${text}`
}

/** Tags of a wheel for the Python that runs. */
function tagsFor(dist: Distribution, site: Site): string {
  const tag = `cp${site.name.slice('python'.length).replace('.', '')}`
  return dist.tags.replace(/^cp3\d+-cp3\d+/, `${tag}-${tag}`)
}

function inOrder(chosen: ReadonlyMap<string, Distribution>, after: ReadonlyMap<string, string[]>): Distribution[] {
  const order: Distribution[] = []
  const seen = new Set<string>()
  const visit = (key: string, depth: number): void => {
    if (seen.has(key) || depth > 200) return
    seen.add(key)
    for (const next of [...(after.get(key) ?? [])].sort().reverse()) if (chosen.has(next)) visit(next, depth + 1)
    const dist = chosen.get(key)
    if (dist) order.push(dist)
  }
  for (const key of [...chosen.keys()].sort().reverse()) visit(key, 0)
  return order
}

function offline(one: Wanted): PipError {
  const retry = (left: number): string =>
    `WARNING: Retrying (Retry(total=${left}, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f304748a190>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/${normal(one.name)}/`
  return new PipError([
    ...[4, 3, 2, 1, 0].map(retry),
    `ERROR: Could not find a version that satisfies the requirement ${one.text}${one.from} (from versions: none)`,
    `ERROR: No matching distribution found for ${one.text}${one.from}`,
  ])
}

/** A source distribution is built: without its tools that fails as it really does. */
function* buildCheck(c: PipCall, dist: Distribution): Routine<void> {
  const has = (name: string): boolean => {
    try {
      return findProgram(c.p, name) !== ''
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  }
  const missing = dist.needs.split(',').find(name => !has(name)) ?? (has('gcc') ? undefined : 'gcc')
  if (missing === undefined) return
  yield* c.call.out.flush()
  const lines =
    missing === 'pg_config'
      ? [
          '      Error: pg_config executable not found.',
          '      ',
          '      pg_config is required to build psycopg2 from source.  Please add the directory',
          '      containing pg_config to the $PATH or specify the full executable path with the',
          '      option:',
          '      ',
          '          python setup.py build_ext --pg-config /path/to/pg_config build ...',
          '      ',
          "      or with the pg_config option in 'setup.cfg'.",
          '      ',
          '      If you prefer to avoid building psycopg2 from source, please install the PyPI',
          "      'psycopg2-binary' package instead.",
          '      ',
        ]
      : missing === 'gcc'
        ? ["      error: command 'gcc' failed: No such file or directory"]
        : [
            '      /bin/sh: 1: pkg-config: not found',
            '      Exception: Can not find valid pkg-config name.',
            '      Specify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually',
          ]
  throw new PipError([
    '  error: subprocess-exited-with-error',
    '  ',
    '  × python setup.py egg_info did not run successfully.',
    '  │ exit code: 1',
    `  ╰─> [${lines.length} lines of output]`,
    ...lines,
    '      [end of output]',
    '  ',
    '  note: This error originates from a subprocess, and is likely not a problem with pip.',
    'error: metadata-generation-failed',
    '',
    '× Encountered error while generating package metadata.',
    '╰─> See above for output.',
    '',
    'note: This is an issue with the package mentioned above, not pip.',
    'hint: See above for details.',
  ])
}

/** Downloads: the bars that are left of those of more than 40 kB; the cache. */
function* fetch(c: PipCall, plan: readonly Distribution[]): Routine<void> {
  const { p, given, call } = c
  let bytes = 0
  for (const one of plan) {
    if (one.needs !== '') continue
    bytes += one.download
    if (given.has('quiet')) continue
    yield* call.out.write(
      `Downloading ${one.fileName}-${one.version}-${tagsFor(one, c.site)}.whl (${kilo(one.download)})\n`,
    )
    if (one.download < 512_000) continue
    const size = `${(one.download / 1_000_000).toFixed(1)}/${(one.download / 1_000_000).toFixed(1)} MB`
    yield* call.out.write(
      Buffer.from(
        `   ${'━'.repeat(40)} ${size} ${(18 + (one.download % 90) / 10).toFixed(1)} MB/s eta 0:00:00\n`,
      ).toString('latin1'),
    )
  }
  const cache = `${p.env.get('HOME') ?? '/root'}/.cache/pip`
  if (bytes === 0 || given.has('noCache') || ['1', 'off', 'true'].includes(p.env.get('PIP_NO_CACHE_DIR') ?? '')) return
  try {
    yield* put(p, `${cache}/http-v2/${bytes.toString(16).slice(-1)}/archives-${bytes}`, { text: '', size: bytes })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** What pip says of running as root, and of a newer pip. */
function* afterWords(c: PipCall): Routine<void> {
  const { p, site, given } = c
  const version = site.pipVersion
  if (
    p.cred.uid === 0 &&
    !site.venv &&
    given.value('rootAction') !== 'ignore' &&
    p.env.get('PIP_ROOT_USER_ACTION') !== 'ignore'
  ) {
    const old = Number(version.split('.')[0]) < 24
    yield* warn([
      old
        ? "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager. It is recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv"
        : "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager, possibly rendering your system unusable. It is recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv. Use the --root-user-action option if you know what you are doing and want to suppress this warning.",
    ])
  }
  const newest = lookUp('pip')?.version
  if (
    newest === undefined ||
    newest === version ||
    given.has('quiet') ||
    given.has('noNotice') ||
    p.env.has('PIP_DISABLE_PIP_VERSION_CHECK') ||
    site.managed !== undefined ||
    (yield* installedIn(p, site)).get('pip')?.version === newest
  )
    return
  yield* warn([
    '',
    `[notice] A new release of pip is available: ${version} -> ${newest}`,
    '[notice] To update, run: pip install --upgrade pip',
  ])
}

const uninstallVerb = function* (c: PipCall): Routine<number> {
  const { p, site, given, call } = c
  if (site.managed !== undefined && !given.has('breakSystem'))
    throw externallyManaged(site, exists(p, '/etc/alpine-release'))
  const names = [...c.args]
  for (const file of given.values('file')) names.push(...(yield* fromFile(p, file)).map(one => one.name))
  if (names.length === 0)
    throw new PipError(['ERROR: You must give at least one requirement to uninstall (see "pip help uninstall")'])
  const where = target(c)
  const there = yield* installedIn(p, site, where.all)
  for (const name of names) {
    const one = there.get(normal(name))
    if (!one || one.info === '') {
      yield* call.out.flush()
      yield* warn([`WARNING: Skipping ${name} as it is not installed.`])
      continue
    }
    yield* call.out.write(
      `Found existing installation: ${one.name} ${one.version}\nUninstalling ${one.name}-${one.version}:\n`,
    )
    if (!given.has('yes')) {
      yield* call.out.write(`  Would remove:\n    ${one.info}/*\nProceed (Y/n)? `)
      yield* call.out.flush()
      const answer = Buffer.from((yield { op: 'read', fd: 0, length: 100 }) as Uint8Array).toString('latin1')
      if (answer === '') throw new PipError(['ERROR: Exception:', 'EOFError: EOF when reading a line'], 2)
      if (/^n/i.test(answer)) continue
    }
    yield* remove(p, one.info.slice(0, one.info.lastIndexOf('/')), one)
    yield* call.out.write(`  Successfully uninstalled ${one.name}-${one.version}\n`)
  }
  yield* call.out.flush()
  if (p.cred.uid === 0 && !site.venv) yield* afterWords({ ...c })
  return 0
}

function* all(c: PipCall): Routine<Installed[]> {
  const there = yield* installedIn(c.p, c.site, target(c).all)
  return [...there.values()].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
}

const listVerb = function* (c: PipCall): Routine<number> {
  const list = yield* all(c)
  if (c.given.value('format') === 'json') {
    yield* c.call.out.write(`${JSON.stringify(list.map(one => ({ name: one.name, version: one.version })))}\n`)
    return 0
  }
  if (c.given.value('format') === 'freeze') return yield* freezeVerb(c)
  const [name, version] = [
    Math.max(7, ...list.map(one => one.name.length)),
    Math.max(7, ...list.map(one => one.version.length)),
  ]
  yield* c.call.out.write(`${'Package'.padEnd(name)} Version\n${'-'.repeat(name)} ${'-'.repeat(version)}\n`)
  for (const one of list) yield* c.call.out.write(`${one.name.padEnd(name)} ${one.version}\n`)
  return 0
}

const freezeVerb = function* (c: PipCall): Routine<number> {
  for (const one of yield* all(c))
    if (!['pip', 'setuptools', 'wheel'].includes(normal(one.name)))
      yield* c.call.out.write(`${one.name}==${one.version}\n`)
  return 0
}

const showVerb = function* (c: PipCall): Routine<number> {
  const list = yield* all(c)
  let found = 0
  for (const name of c.args) {
    const one = list.find(each => normal(each.name) === normal(name))
    if (!one) {
      yield* c.call.out.flush()
      yield* warn([`WARNING: Package(s) not found: ${name}`])
      continue
    }
    const dist = lookUp(one.name)
    if (found++ > 0) yield* c.call.out.write('---\n')
    const users = list
      .filter(each => neededBy(each).some(need => normal(need) === normal(one.name)))
      .map(each => each.name)
    yield* c.call.out.write(
      `Name: ${one.name}\nVersion: ${one.version}\nSummary: ${dist?.summary ?? ''}\nHome-page: ${dist?.homePage ?? ''}\nAuthor: ${dist?.author ?? ''}\nAuthor-email: \nLicense: ${dist?.license ?? ''}\nLocation: ${one.info === '' ? c.site.folder : one.info.slice(0, one.info.lastIndexOf('/'))}\nRequires: ${neededBy(one).sort().join(', ')}\nRequired-by: ${users.join(', ')}\n`,
    )
  }
  return found > 0 ? 0 : 1
}

const checkVerb = function* (c: PipCall): Routine<number> {
  const list = yield* all(c)
  let fine = true
  for (const one of list)
    for (const text of one.requires) {
      const need = parseRequirement(text)
      if (!need || list.some(each => normal(each.name) === normal(need.name))) continue
      fine = false
      yield* c.call.out.write(`${one.name} ${one.version} requires ${need.name}, which is not installed.\n`)
    }
  if (fine) yield* c.call.out.write('No broken requirements found.\n')
  return fine ? 0 : 1
}

const verbs: Record<string, (c: PipCall) => Routine<number>> = {
  install: installVerb,
  uninstall: uninstallVerb,
  list: listVerb,
  freeze: freezeVerb,
  show: showVerb,
  check: checkVerb,
  *cache(c) {
    if (c.args[0] === 'purge') take(c.p, `${c.p.env.get('HOME') ?? '/root'}/.cache/pip`)
    yield* c.call.out.write(
      c.args[0] === 'dir' ? `${c.p.env.get('HOME') ?? '/root'}/.cache/pip\n` : 'Files removed: 0\n',
    )
    return 0
  },
  *download(c) {
    const wanted: Wanted[] = []
    for (const file of c.given.values('file')) wanted.push(...(yield* fromFile(c.p, file)))
    for (const text of c.args) wanted.push(...[toWanted(text, '')].filter(one => one !== undefined))
    const plan = yield* resolve(c, wanted, new Map())
    yield* fetch(c, plan)
    const dest = c.given.value('dest') ?? c.p.cwd()
    for (const one of plan) {
      const file = `${dest}/${one.fileName}-${one.version}-${tagsFor(one, c.site)}.whl`
      yield* put(c.p, file, { text: '', size: one.download })
      yield* c.call.out.write(`Saved ${shown(c.p, file)}\n`)
    }
    yield* c.call.out.write(`Successfully downloaded ${plan.map(one => one.name).join(' ')}\n`)
    return 0
  },
  *config() {
    yield* warn(['minidock: pip config is not modelled'])
    return 1
  },
}

const usage = `
Usage:   
  pip <command> [options]

Commands:
  install                     Install packages.
  download                    Download packages.
  uninstall                   Uninstall packages.
  freeze                      Output installed packages in requirements format.
  list                        List installed packages.
  show                        Show information about installed packages.
  check                       Verify installed packages have compatible dependencies.
  cache                       Inspect and manage pip's wheel cache.
  help                        Show help for commands.

General Options:
  -h, --help                  Show help.
  -V, --version               Show version and exit.
  -q, --quiet                 Give less output.
`

/** Everything that follows `pip`; also what \`python -m pip\` runs. */
export function* pipMain(call: Call<Record<never, string>>): Routine<number> {
  const { p } = call
  const site = yield* siteOf(p)
  try {
    let given: Options<typeof options>
    try {
      given = parseOptions(options, call.args, { flavour: 'gnu' })
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const name = /'(.*)'/.exec(error.message)?.[1] ?? ''
      throw new PipError(
        [
          '',
          'Usage:   ',
          '  pip install [options] <requirement specifier> [package-index-options] ...',
          '  pip install [options] -r <requirements file> [package-index-options] ...',
          '  pip install [options] [-e] <vcs project url> ...',
          '  pip install [options] [-e] <local project path> ...',
          '  pip install [options] <archive url/path> ...',
          '',
          error.message.includes('requires an argument') || error.message.includes('option requires')
            ? `${name.startsWith('-') ? name : `-${name}`} option requires 1 argument`
            : `no such option: ${name.startsWith('-') ? name : `-${name}`}`,
        ],
        2,
      )
    }
    const [verb, ...args] = given.operands
    if (given.has('version')) {
      yield* call.out.write(
        `pip ${site.pipVersion} from ${site.folder}/pip (python ${site.name.slice('python'.length)})\n`,
      )
      return 0
    }
    if (verb === undefined || verb === 'help') {
      yield* call.out.write(usage)
      return 0
    }
    const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (!run) throw new PipError([`ERROR: unknown command "${verb}"`])
    return yield* run({ call, p, site, given, args })
  } catch (error) {
    if (!(error instanceof PipError)) throw error
    yield* call.out.flush()
    yield* warn(error.lines)
    return error.status
  }
}

export const program: CoroutineProgram = command('pip', {}, pipMain, { raw: true })
