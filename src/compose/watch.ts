/**
 * `develop.watch`: what is done about files that changed (compose pkg/compose/watch.go). This decides and acts; who
 * tells of the changes is the caller's.
 */
import { join, posix, relative, sep } from 'node:path'
import { IgnoreMatcher } from '../build/ignore.ts'
import { type TarEntry, writeTar } from '../layer/tar-writer.ts'
import type { Hook, Service } from './file/model.ts'
import type { Project } from './file/project.ts'
import { ComposeError } from './file/tree.ts'
import { runHook } from './hook.ts'
import { restart } from './lifecycle.ts'
import { containersOf } from './observed.ts'
import type { Session } from './session.ts'

/** One entry of a service's `develop.watch`. */
export interface WatchRule {
  service: string
  /** The file or folder that is watched: an absolute path. */
  path: string
  /** Where it is in the container. */
  target: string
  sync: boolean
  rebuild: boolean
  restart: boolean
  exec: Hook | undefined
  /** Files that are there already are brought in before anything changes. */
  initial: boolean
  ignored: IgnoreMatcher
  /** What counts, where the entry names it. */
  included: IgnoreMatcher | undefined
}

/** What editors leave behind for moments (compose's EphemeralPathMatcher). */
const EPHEMERAL = ['**/.idea', '**/.#*', '**/#*#', '**/.*.swp', '**/.*.swx', '**/4913', '**/*~', '**/.DS_Store']

/**
 * The rules of a project.
 * @param ignoreOf the `.dockerignore` patterns of a service's build context
 * @throws ComposeError for a rebuild of what is not built, or when there is nothing to watch
 */
export function watchRules(project: Project, ignoreOf: (service: Service) => readonly string[]): WatchRule[] {
  const rules: WatchRule[] = []
  for (const [name, service] of project.services)
    for (const entry of service.develop?.watch ?? []) {
      const { action = '', path = '', target = '', include = [], ignore = [] } = entry
      if (action === 'rebuild' && !service.build)
        throw new ComposeError(
          `can't watch service ${JSON.stringify(name)} with action ${action} without a build context`,
        )
      rules.push({
        service: name,
        path,
        target,
        sync: action.startsWith('sync'),
        rebuild: action === 'rebuild',
        restart: action === 'restart' || action === 'sync+restart',
        exec: action === 'sync+exec' ? entry.exec : undefined,
        initial: entry.initial_sync === true,
        ignored: new IgnoreMatcher([...ignoreOf(service), ...EPHEMERAL, ...ignore]),
        included: include.length > 0 ? new IgnoreMatcher(include) : undefined,
      })
    }
  if (rules.length > 0) return rules
  throw new ComposeError("none of the selected services is configured for watch, consider setting a 'develop' section")
}

/** Where a changed file is in the container, or undefined when the rule is not about it. */
export function mapped(rule: WatchRule, path: string): string | undefined {
  const below = relative(rule.path, path)
  if (below.startsWith(`..${sep}`) || below === '..') return undefined
  const inside = below.split(sep).join('/')
  if (inside !== '' && rule.ignored.ignores(inside)) return undefined
  if (rule.included && !rule.included.ignores(inside === '' ? posix.basename(rule.path) : inside)) return undefined
  return posix.join(rule.target, inside)
}

/** A file of the host to bring into a container, or to take away where there is none any more. */
export interface Change {
  path: string
  /** What is there now. */
  entry?: Omit<TarEntry, 'header'> & { header: Omit<TarEntry['header'], 'path'> }
}

export interface WatchActions {
  /** A line for the user. */
  log: (line: string) => void
  /** Builds services' images and replaces their containers. */
  rebuild: (services: readonly string[]) => Promise<void>
}

/** Does what the rules ask for after some files changed. @throws what an action fails with */
export async function applyChanges(
  session: Session,
  project: Project,
  rules: readonly WatchRule[],
  changes: readonly Change[],
  { log, rebuild }: WatchActions,
): Promise<void> {
  const rebuilt = new Set<string>()
  const restarted = new Set<string>()
  const synced = new Map<string, Map<string, Change>>()
  const executed = new Set<WatchRule>()
  for (const change of changes)
    for (const rule of rules) {
      const target = mapped(rule, change.path)
      // The watched folder itself coming to be is no change; what is in it is.
      if (target === undefined || (change.path === rule.path && change.entry?.header.type === 'dir')) continue
      if (rule.rebuild) rebuilt.add(rule.service)
      if (rule.sync) synced.set(rule.service, (synced.get(rule.service) ?? new Map()).set(target, change))
      if (rule.restart) restarted.add(rule.service)
      if (rule.exec) executed.add(rule)
    }
  const listed = (names: Set<string>): string => `[${[...names].map(name => JSON.stringify(name)).join(' ')}]`
  if (rebuilt.size > 0) {
    log(`Rebuilding service(s) ${listed(rebuilt)} after changes were detected...`)
    await rebuild([...rebuilt])
  }
  for (const [service, files] of synced) {
    log(`Syncing service ${JSON.stringify(service)} after ${files.size} changes were detected`)
    await sync(session, project, service, files)
  }
  if (restarted.size > 0) {
    await restart({ ...session, report: () => {} }, project, [...restarted], { noDeps: false })
    log(`service(s) ${listed(restarted)} restarted`)
  }
  for (const { service, exec } of executed) if (exec) await execute(session, project, service, exec, log)
}

/** Brings files that are newer than a service's image into its containers. */
export async function initialSync(
  session: Session,
  project: Project,
  rule: WatchRule,
  changes: readonly Change[],
): Promise<void> {
  const files = new Map<string, Change>()
  for (const change of changes) {
    const target = mapped(rule, change.path)
    if (target !== undefined) files.set(target, change)
  }
  if (files.size > 0) await sync(session, project, rule.service, files)
}

async function sync(
  session: Session,
  project: Project,
  service: string,
  files: ReadonlyMap<string, Change>,
): Promise<void> {
  const entries: TarEntry[] = []
  const gone: string[] = []
  for (const [target, { entry }] of files) {
    if (!entry) gone.push(target)
    else entries.push({ ...entry, header: { ...entry.header, path: join('.', target) } })
  }
  for (const { Id } of await containersOf(session, project.name, {
    all: false,
    oneOff: 'without',
    services: [service],
  })) {
    if (gone.length > 0) await runHook(session, service, Id, { command: ['rm', '-rf', ...gone], user: 'root' })
    if (entries.length > 0)
      await session.engine.containers.putArchive(Id, '/', pieces(writeTar(entries)), { copyUidGid: true })
  }
}

async function execute(
  session: Session,
  project: Project,
  service: string,
  hook: Hook,
  log: (line: string) => void,
): Promise<void> {
  for (const { Id } of await containersOf(session, project.name, {
    all: false,
    oneOff: 'without',
    services: [service],
  }))
    await runHook(session, service, Id, hook, text => {
      for (const line of text.replace(/\n$/, '').split('\n')) log(line)
    })
}

async function* pieces(tar: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* tar
}
