/** Following the files of a project's `develop.watch`, for `watch` and `up --watch`. chokidar is loaded only here. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { readIgnoreFile } from '../../../build/ignore.ts'
import { buildPlan } from '../../../compose/build-targets.ts'
import { Execution } from '../../../compose/execute.ts'
import type { Service } from '../../../compose/file/model.ts'
import type { Project } from '../../../compose/file/project.ts'
import type { Session } from '../../../compose/session.ts'
import { applyChanges, type Change, initialSync, mapped, type WatchRule, watchRules } from '../../../compose/watch.ts'
import { messageOf } from '../../../errors.ts'
import type { CliContext } from '../../command.ts'
import { buildTargets } from './build-services.ts'
import { imageOptions, prepare } from './create-options.ts'
import { warner } from './log.ts'

/** Changes that come within this time of one another are one batch. */
const QUIET = 500

export interface WatchOptions {
  /** Shows a line of the watcher's own. */
  log: (line: string) => void
  /** Nothing of builds is shown. */
  quiet: boolean
  /** Images that a rebuild leaves without a name are removed. */
  prune: boolean
  signal: AbortSignal
}

/** The rules of a project's files. @throws ComposeError */
export const rulesOf = (project: Project): WatchRule[] => watchRules(project, dockerignore)

/** Follows the rules' files until the signal: what changes is synced, rebuilt or restarted. */
export async function watchFiles(
  ctx: CliContext,
  session: Session,
  project: Project,
  rules: readonly WatchRule[],
  { log, quiet, prune, signal }: WatchOptions,
): Promise<void> {
  const { watch } = await import('chokidar')
  const clock = await ctx.clock()
  const warn = await warner(ctx)
  for (const rule of rules)
    if (rule.initial && rule.sync) await initialSync(session, project, rule, await newer(session, project, rule))
  const changed = new Set<string>()
  let due: AbortController | undefined
  let wake: (() => void) | undefined
  const watcher = watch([...new Set(rules.map(({ path }) => present(path)))], {
    followSymlinks: false,
    ignoreInitial: true,
    ignored: path => rules.every(rule => !leadsTo(path, rule.path) && mapped(rule, path) === undefined),
  })
  watcher.on('all', (_, path) => {
    changed.add(path)
    wake?.()
  })
  watcher.on('error', error => warn(messageOf(error)))
  await new Promise<void>(done => watcher.once('ready', () => done()))
  log('Watch enabled')
  const stopped = new Promise<void>(done => signal.addEventListener('abort', () => done(), { once: true }))
  try {
    while (!signal.aborted) {
      if (changed.size === 0) {
        const woken = new Promise<void>(done => {
          wake = done
        })
        await Promise.race([woken, stopped])
        continue
      }
      // Quiet for a while: what is saved together is one batch.
      for (let seen = -1; seen !== changed.size && !signal.aborted; ) {
        seen = changed.size
        due = new AbortController()
        await clock.idle(QUIET, due.signal)
      }
      if (signal.aborted) return
      const batch = [...changed].sort().map(changeAt)
      changed.clear()
      const rebuild = (services: readonly string[]): Promise<void> =>
        rebuildServices(ctx, session, project, services, { log, quiet, prune })
      await applyChanges(session, project, rules, batch, { log, rebuild }).catch((error: unknown) =>
        warn(`Error handling changed files: ${messageOf(error)}`),
      )
    }
  } finally {
    await watcher.close()
  }
}

async function rebuildServices(
  ctx: CliContext,
  session: Session,
  project: Project,
  services: readonly string[],
  { log, quiet, prune }: Pick<WatchOptions, 'log' | 'quiet' | 'prune'>,
): Promise<void> {
  const silent: Session = { ...session, report: () => {} }
  try {
    await buildTargets(ctx, silent, buildPlan(project, services, { separator: session.separator }), quiet)
  } catch (error) {
    log(`Build failed. Error: ${messageOf(error)}`)
    throw error
  }
  if (prune)
    await session.engine.images.prune({ dangling: ['true'], label: [`com.docker.compose.project=${project.name}`] })
  log(`service(s) [${services.map(name => JSON.stringify(name)).join(' ')}] successfully built`)
  const images = await imageOptions(ctx, project, { quietPull: true, noBuild: true, quietBuild: true })
  const { plan, seen } = await prepare(ctx, silent, project, images, {
    services,
    recreate: 'force',
    recreateDependencies: 'never',
    removeOrphans: false,
    ignoreOrphans: true,
    assumeYes: true,
    start: true,
  })
  const execution = new Execution(silent, project, {
    inherit: true,
    existing: seen.containers,
    images: seen.images,
    envFiles: ctx.parent.list('env-file'),
  })
  await execution.all(plan.operations)
}

/** The files below a rule's path that were changed after its service's image was made. */
async function newer(session: Session, project: Project, rule: WatchRule): Promise<Change[]> {
  const image = project.services.get(rule.service)?.image ?? `${project.name}-${rule.service}`
  const made = await session.engine.images.inspect(image).then(
    ({ Created }) => Date.parse(Created ?? ''),
    () => 0,
  )
  return walk(rule.path).filter(({ path, entry }) => {
    if (mapped(rule, path) === undefined || !entry) return false
    return entry.header.type !== 'file' || (entry.header.mtime ?? 0) * 1000 > made
  })
}

/** The path itself, or the nearest folder above it that is there: what is missing may yet come. */
function present(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : present(dirname(path))
}

const leadsTo = (folder: string, path: string): boolean => path === folder || path.startsWith(join(folder, sep))

function walk(path: string): Change[] {
  const change = changeAt(path)
  if (change.entry?.header.type !== 'dir') return change.entry ? [change] : []
  return [change, ...readdirSync(path).flatMap(name => walk(join(path, name)))]
}

/** What is at a path now; files come into containers as root's. */
function changeAt(path: string): Change {
  try {
    const stat = lstatSync(path)
    const header = { mode: stat.mode & 0o7777, uid: 0, gid: 0, mtime: Math.floor(stat.mtimeMs / 1000), size: 0 }
    if (stat.isSymbolicLink())
      return { path, entry: { header: { ...header, type: 'symlink', target: readlinkSync(path) } } }
    if (stat.isDirectory()) return { path, entry: { header: { ...header, type: 'dir' } } }
    if (!stat.isFile()) return { path }
    const data = readFileSync(path)
    return { path, entry: { header: { ...header, type: 'file', size: data.length }, content: [data] } }
  } catch {
    return { path }
  }
}

function dockerignore(service: Service): readonly string[] {
  if (!service.build?.context) return []
  try {
    return readIgnoreFile(readFileSync(resolve(service.build.context, '.dockerignore'), 'utf8'))
  } catch {
    return []
  }
}
