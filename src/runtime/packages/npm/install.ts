/** npm install, ci and uninstall. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { Errno, isErrno } from '../../../vfs/errno.ts'
import { online } from '../lib/online.ts'
import { makeFolders, put, take } from '../lib/place.ts'
import { cacheFolder, errnoError, lasted, NpmError, noPackage } from './context.ts'
import { type PackageJson, projectOf, readLock, readPackage, writeLock } from './lock.ts'
import { choose, hasPackage, latest } from './registry.ts'
import { type Changes, linkCommands, reify } from './reify.ts'
import { buildTree, fits, type Node, NotFound, type Project, resolveFrom, type Tree } from './tree.ts'

/** What the options of install, ci and uninstall come to. */
export interface InstallOptions {
  omit: ReadonlySet<string>
  /** Where new names go; `none`: package.json stays as it is. */
  save: 'dependencies' | 'devDependencies' | 'optionalDependencies' | 'peerDependencies' | 'none'
  exact: boolean
  global: boolean
  audit: boolean
  fund: boolean
  lock: boolean
  lockOnly: boolean
  dryRun: boolean
  silent: boolean
}

/** What a manager prints at the end and does besides. */
export type Finish = (done: { changes: Changes; tree: Tree; ms: number }) => Routine<void>

const lockNames = ['npm-shrinkwrap.json', 'package-lock.json']

/** `express@^4`, `@scope/x@1`, `x`: name and range. */
export function parseSpec(spec: string): { name: string; range: string } {
  const at = spec.indexOf('@', 1)
  return at < 0 ? { name: spec, range: '' } : { name: spec.slice(0, at), range: spec.slice(at + 1) }
}

/** Reads the project's package.json. Throws NpmError when there is none. */
export function* readProject(p: Proc, folder: string): Routine<PackageJson> {
  try {
    return yield* readPackage(p, `${folder}/package.json`)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw noPackage(folder)
    if (isErrno(error)) throw errnoError(error, 'open', `${folder}/package.json`)
    throw error
  }
}

function notFound(error: NotFound): NpmError {
  const { name } = parseSpec(error.spec)
  if (error.kind === 'ETARGET')
    return new NpmError([
      'code ETARGET',
      `notarget No matching version found for ${error.spec}.`,
      'notarget In most cases you or one of your dependencies are requesting',
      "notarget a package version that doesn't exist.",
    ])
  return new NpmError([
    'code E404',
    `404 Not Found - GET https://registry.npmjs.org/${name.replace('/', '%2f')} - Not found`,
    '404',
    `404  '${error.spec}' is not in this registry.`,
    '404',
    '404 Note that you can also install from a',
    '404 tarball, folder, http url, or git url.',
  ])
}

/** Builds a tree; what is not there becomes npm's error. Needs the network unless nothing has to be looked up. */
function* treeOf(p: Proc, project: Project, start: Tree): Routine<Tree> {
  try {
    const tree = buildTree(project, start)
    if ([...tree.keys()].some(path => !start.has(path)))
      yield* requireNetwork(p, Object.keys(project.dependencies)[0] ?? 'x')
    return tree
  } catch (error) {
    if (!(error instanceof NotFound)) throw error
    yield* requireNetwork(p, parseSpec(error.spec).name)
    throw notFound(error)
  }
}

function* requireNetwork(p: Proc, name: string): Routine<void> {
  if (yield* online(p)) return
  throw new NpmError([
    'code EAI_AGAIN',
    'syscall getaddrinfo',
    'errno EAI_AGAIN',
    `request to https://registry.npmjs.org/${name.replace('/', '%2f')} failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org`,
  ])
}

/** Without what is left out: `--omit=dev`. */
function withoutOmitted(tree: Tree, omit: ReadonlySet<string>): Tree {
  return new Map(
    [...tree].filter(([, node]) => !(node.dev && omit.has('dev')) && !(node.optionalOnly && omit.has('optional'))),
  )
}

function* lockedTree(p: Proc, folder: string) {
  for (const name of lockNames) {
    if (!exists(p, `${folder}/${name}`)) continue
    return yield* readLock(p, `${folder}/${name}`)
  }
  return undefined
}

/** `npm install [names]`. */
export function* install(
  p: Proc,
  folder: string,
  specs: readonly string[],
  options: InstallOptions,
  finish: Finish,
): Routine<number> {
  if (options.global) return yield* installGlobal(p, specs, options, finish)
  const began = p.now()
  const bare = specs.length > 0 && !exists(p, `${folder}/package.json`)
  const json: PackageJson = bare ? {} : yield* readProject(p, folder)
  const locked = options.lock ? yield* lockedTree(p, folder) : undefined
  const start: Tree = new Map(locked?.tree)
  for (const spec of specs) {
    const { name, range } = parseSpec(spec)
    if (/^(\.|\/|file:|git|https?:)/.test(spec))
      throw new NpmError(['code EUNSUPPORTED', `minidock: only packages of the registry are modelled: ${spec}`])
    const found = choose(name, range || (json.dependencies?.[name] ?? json.devDependencies?.[name] ?? ''))
    if (!found) {
      yield* requireNetwork(p, name)
      throw notFound(new NotFound(hasPackage(name) ? 'ETARGET' : 'E404', `${name}@${range || '*'}`))
    }
    const wanted = options.exact ? found.version : `^${found.version}`
    save(json, name, wanted, options.save)
    const old = start.get(`node_modules/${name}`)
    if (old && !fits(old.version, wanted)) start.delete(`node_modules/${name}`)
  }
  const project = projectOf(json, folder)
  const tree = yield* treeOf(p, project, start)
  if (options.dryRun) return 0
  const shown = withoutOmitted(tree, options.omit)
  const changes: Changes = options.lockOnly
    ? { added: 0, removed: 0, changed: 0, bytes: 0 }
    : yield* carryOut(p, folder, shown)
  if (specs.length > 0 && options.save !== 'none')
    yield* writeGuarded(p, `${folder}/package.json`, yield* styled(p, folder, json))
  if (options.lock) yield* lockFiles(p, folder, project, tree, options.lockOnly)
  yield* keepCache(p, changes)
  yield* finish({ changes, tree: shown, ms: Math.max(p.now() - began, duration(changes)) })
  return 0
}

/** How long it takes on the simulated line, in ms. */
function duration(changes: Changes): number {
  return 420 + changes.added * 22 + changes.removed * 2 + Math.round(changes.bytes / 15_000)
}

function* lockFiles(p: Proc, folder: string, project: Project, tree: Tree, lockOnly: boolean): Routine<void> {
  try {
    if (tree.size > 0 || exists(p, `${folder}/package-lock.json`) || Object.keys(project.dependencies).length === 0)
      yield* writeLock(p, `${folder}/package-lock.json`, project, tree)
    if (!lockOnly && exists(p, `${folder}/node_modules`))
      yield* writeLock(p, `${folder}/node_modules/.package-lock.json`, project, tree, true)
  } catch (error) {
    if (isErrno(error)) throw errnoError(error, 'open', `${folder}/package-lock.json`)
    throw error
  }
}

function* carryOut(p: Proc, folder: string, tree: Tree): Routine<Changes> {
  try {
    return yield* reify(p, folder, tree)
  } catch (error) {
    if (isErrno(error)) throw errnoError(error, 'mkdir', `${folder}/node_modules`)
    throw error
  }
}

function* writeGuarded(p: Proc, path: string, text: string): Routine<void> {
  try {
    yield* put(p, path, { text })
  } catch (error) {
    if (isErrno(error)) throw errnoError(error, 'open', path)
    throw error
  }
}

/** package.json as it was written: with its own indent, and on one line if it was. */
function* styled(p: Proc, folder: string, json: PackageJson): Routine<string> {
  const old = yield* textOf(p, `${folder}/package.json`)
  const indent = old === '' ? 2 : /^[{[]\n( +|\t)/.exec(old)?.[1]
  const text = Buffer.from(JSON.stringify(json, null, indent)).toString('latin1')
  return old === '' || old.endsWith('\n') ? `${text}\n` : text
}

function save(json: PackageJson, name: string, range: string, where: InstallOptions['save']): void {
  const sections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const
  const there = sections.find(section => json[section]?.[name] !== undefined)
  const section = where === 'none' ? 'dependencies' : where === 'dependencies' && there ? there : where
  if (there && there !== section) delete json[there]?.[name]
  const list = { ...json[section], [name]: range }
  json[section] = Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** `npm ci`: exactly what the lock file says. */
export function* clean(p: Proc, folder: string, options: InstallOptions, finish: Finish): Routine<number> {
  const began = p.now()
  const json = yield* readProject(p, folder)
  const locked = yield* lockedTree(p, folder)
  if (!locked)
    throw new NpmError([
      'code EUSAGE',
      '',
      'The `npm ci` command can only install with an existing package-lock.json or',
      'npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or',
      'later to generate a package-lock.json file, then try again.',
      '',
      ...ciUsage,
    ])
  const project = projectOf(json, folder)
  const problems: string[] = []
  for (const [name, range] of Object.entries({ ...project.devDependencies, ...project.dependencies })) {
    const node = resolveFrom(locked.tree, '', name)
    if (!node) problems.push(`Missing: ${name}@${choose(name, range)?.version ?? range} from lock file`)
    else if (!fits(node.version, range))
      problems.push(
        `Invalid: lock file's ${name}@${node.version} does not satisfy ${name}@${choose(name, range)?.version ?? range}`,
      )
  }
  if (problems.length > 0)
    throw new NpmError([
      'code EUSAGE',
      '',
      '`npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.',
      '',
      ...problems,
      '',
      ...ciUsage,
    ])
  yield* requireNetwork(p, 'express')
  take(p, `${folder}/node_modules`)
  const shown = withoutOmitted(locked.tree, options.omit)
  const changes = yield* carryOut(p, folder, shown)
  if (exists(p, `${folder}/node_modules`))
    yield* writeLock(p, `${folder}/node_modules/.package-lock.json`, project, shown, true)
  yield* keepCache(p, changes)
  yield* finish({ changes, tree: shown, ms: Math.max(p.now() - began, duration(changes)) })
  return 0
}

const ciUsage = [
  'Clean install a project',
  '',
  'Usage:',
  'npm ci',
  '',
  'Options:',
  '[--install-strategy <hoisted|nested|shallow|linked>] [--legacy-bundling]',
  '[--global-style] [--omit <dev|optional|peer> [--omit <dev|optional|peer> ...]]',
  '[--include <prod|dev|optional|peer> [--include <prod|dev|optional|peer> ...]]',
  '[--strict-peer-deps] [--foreground-scripts] [--ignore-scripts] [--no-audit]',
  '[--no-bin-links] [--no-fund] [--dry-run]',
  '[-w|--workspace <workspace-name> [-w|--workspace <workspace-name> ...]]',
  '[-ws|--workspaces] [--include-workspace-root] [--install-links]',
  '',
  'aliases: clean-install, ic, install-clean, isntall-clean',
  '',
  'Run "npm help ci" for more info',
]

/** `npm uninstall names`. */
export function* uninstall(
  p: Proc,
  folder: string,
  names: readonly string[],
  options: InstallOptions,
  finish: Finish,
): Routine<number> {
  const began = p.now()
  const json = yield* readProject(p, folder)
  const locked = yield* lockedTree(p, folder)
  for (const section of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const)
    for (const name of names) {
      delete json[section]?.[name]
      if (json[section] && Object.keys(json[section]).length === 0) delete json[section]
    }
  const project = projectOf(json, folder)
  const tree = yield* treeOf(p, project, locked?.tree ?? new Map())
  const changes = yield* carryOut(p, folder, withoutOmitted(tree, options.omit))
  if (options.save !== 'none') yield* writeGuarded(p, `${folder}/package.json`, yield* styled(p, folder, json))
  if (options.lock) yield* lockFiles(p, folder, project, tree, false)
  yield* finish({ changes, tree, ms: Math.max(p.now() - began, duration(changes)) })
  return 0
}

function* installGlobal(p: Proc, specs: readonly string[], _options: InstallOptions, finish: Finish): Routine<number> {
  const began = p.now()
  const prefix = globalPrefix(p)
  const changes: Changes = { added: 0, removed: 0, changed: 0, bytes: 0 }
  const all: Tree = new Map()
  for (const spec of specs) {
    const { name, range } = parseSpec(spec)
    const found = choose(name, range)
    if (!found) {
      yield* requireNetwork(p, name)
      throw notFound(new NotFound(hasPackage(name) ? 'ETARGET' : 'E404', `${name}@${range || '*'}`))
    }
    const inner = yield* treeOf(
      p,
      {
        name: '',
        version: '',
        dependencies: { [name]: found.version },
        devDependencies: {},
        optionalDependencies: {},
        peerDependencies: {},
      },
      new Map(),
    )
    const top = inner.get(`node_modules/${name}`)
    if (!top) continue
    // A global package keeps what it needs in its own folder.
    const own: Tree = new Map([[top.path, top]])
    for (const node of inner.values())
      if (node !== top) {
        const path = `${top.path}/${node.path}`
        own.set(path, { ...node, path })
      }
    const folder = `${prefix}/lib`
    const others = keepOthers(p, `${folder}/node_modules`)
    const made = yield* carryOut(p, folder, new Map([...others, ...own]))
    for (const key of ['added', 'removed', 'changed', 'bytes'] as const) changes[key] += made[key]
    try {
      yield* linkCommands(p, `${prefix}/bin`, top, path => `../lib/node_modules/${path}`)
    } catch (error) {
      if (isErrno(error)) throw errnoError(error, 'symlink', `${prefix}/bin`)
      throw error
    }
    take(p, `${folder}/node_modules/.bin`)
    for (const [path, node] of own) all.set(path, node)
  }
  yield* keepCache(p, changes)
  yield* finish({ changes, tree: all, ms: Math.max(p.now() - began, duration(changes)) })
  return 0
}

/** Where global packages go. */
export function globalPrefix(p: Proc): string {
  return p.env.get('NPM_CONFIG_PREFIX') ?? p.env.get('npm_config_prefix') ?? '/usr/local'
}

/** What is there already, as nodes that reify leaves alone: it removes what the tree does not name. */
function keepOthers(p: Proc, folder: string): Tree {
  const tree: Tree = new Map()
  const walk = (path: string): void => {
    const full = `${folder.slice(0, -'/node_modules'.length)}/${path}`
    if (!exists(p, full)) return
    for (const { name, type } of p.readdir(full)) {
      if (type !== 'dir' || name.startsWith('.')) continue
      const at = `${path}/${name}`
      if (name.startsWith('@')) {
        walk(at)
        continue
      }
      tree.set(at, keptNode(at))
      walk(`${at}/node_modules`)
    }
  }
  walk('node_modules')
  return tree
}

function keptNode(path: string): Node {
  return {
    path,
    name: path,
    version: '',
    dependencies: {},
    optional: {},
    peer: {},
    bin: {},
    license: '',
    engine: '',
    funding: false,
    manifest: undefined,
    kept: true,
  }
}

/** npm keeps the archives it has fetched. */
function* keepCache(p: Proc, changes: Changes): Routine<void> {
  if (changes.bytes === 0) return
  const folder = `${cacheFolder(p)}/_cacache`
  try {
    makeFolders(p, `${folder}/tmp`)
    const file = `${folder}/content-v2/sha512/${changes.added.toString(16).padStart(2, '0').slice(-2)}/archives-${changes.bytes}`
    yield* put(p, file, { text: '', size: changes.bytes })
    yield* put(p, `${folder}/index-v5/index`, { text: '', size: changes.added * 900 })
  } catch (error) {
    if (!(error instanceof Errno)) throw error
  }
}

/** What npm prints after an installation. */
export function summary(done: { changes: Changes; tree: Tree; ms: number }, options: InstallOptions): string {
  const { added, removed, changed } = done.changes
  const count = (verb: string, number: number): string =>
    number === 0 ? '' : `${verb} ${number} package${number === 1 ? '' : 's'}`
  const parts = [count('added', added), count('removed', removed), count('changed', changed)].filter(
    part => part !== '',
  )
  const audited =
    options.audit && !options.global ? [`audited ${done.tree.size + 1} package${done.tree.size === 0 ? '' : 's'}`] : []
  const head = parts.length === 0 ? ['up to date'] : parts
  const all = [...head, ...audited]
  const list =
    all.length > 1 ? `${all.slice(0, -1).join(', ')}${all.length > 1 ? ', and ' : ''}${all.at(-1)}` : (all[0] ?? '')
  const words = parts.length === 0 && audited.length > 0 ? `up to date, ${audited[0]}` : list
  const funding = options.fund
    ? new Set([...done.tree.values()].filter(node => node.funding).map(node => node.name)).size
    : 0
  const fund =
    funding === 0
      ? ''
      : `\n${funding} package${funding === 1 ? ' is' : 's are'} looking for funding\n  run \`npm fund\` for details\n`
  return `\n${words} in ${lasted(done.ms)}\n${fund}${options.audit && !options.global ? '\nfound 0 vulnerabilities\n' : ''}`
}

/** A newer major version of npm than the one that runs, as its notice names it. */
export function newerNpm(version: string): string | undefined {
  const newest = latest('npm')?.version
  return newest !== undefined && Number(newest.split('.')[0]) > Number(version.split('.')[0]) ? newest : undefined
}
