/** `docker compose up`. */
import { type ExecuteOptions, Execution, isStart } from '../../../compose/execute.ts'
import { forEachService, type Project, serviceOf, withSelected } from '../../../compose/file/project.ts'
import { waitCondition } from '../../../compose/lifecycle.ts'
import { containersOf, isOf } from '../../../compose/observed.ts'
import type { Session } from '../../../compose/session.ts'
import { waitFor } from '../../../compose/wait.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { imageOptions, prepare, recreation, scaleProject, withPolicies, yes } from './create-options.ts'
import { showPlan } from './dry-run.ts'
import { followProject } from './follow.ts'
import { projectOf } from './project.ts'
import { timeoutOf, working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const detach = checkFlags(flags)
    const removeOrphans = flags.changed('remove-orphans')
      ? flags.bool('remove-orphans')
      : yes(ctx.env.COMPOSE_REMOVE_ORPHANS)
    const loaded = await projectOf(ctx, services)
    const ignoreOrphans = yes(loaded.environment.get('COMPOSE_IGNORE_ORPHANS'))
    if (ignoreOrphans && removeOrphans)
      throw new StatusError(1, 'cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans')
    if (flags.list('attach').length > 0 && flags.bool('attach-dependencies'))
      throw new StatusError(1, 'cannot combine --attach and --attach-dependencies')
    if (loaded.services.size === 0 && !ctx.parent.bool('all-resources')) throw new StatusError(1, 'no service selected')
    const project = apply(loaded, services, flags)
    const attachTo = detach || flags.bool('no-start') ? [] : attached(project, services, flags)
    if (flags.changed('menu') && flags.bool('menu'))
      ctx.err.write(`${ctx.name}: the menu of 'compose up' is not modelled\n`)
    const dryRun = ctx.dryRun === true
    const quiet = {
      quietPull: flags.bool('quiet-pull'),
      quietBuild: flags.bool('quiet-build') || flags.bool('quiet-pull'),
    }
    const images = await imageOptions(ctx, project, { ...quiet, noBuild: flags.bool('no-build') || dryRun })
    const start = !flags.bool('no-start')
    const { execution, startPlan } = await working(ctx, { project }, async session => {
      const options = {
        services,
        ...recreation(flags, { dependencies: true, anonymous: true }),
        removeOrphans,
        ignoreOrphans,
        assumeYes: flags.bool('yes'),
        start,
      }
      const { plan, seen } = await prepare(ctx, session, project, images, options)
      if (dryRun) {
        showPlan(ctx, session, project, plan)
        return { execution: undefined, startPlan: plan }
      }
      const until =
        flags.number('wait-timeout') > 0 ? session.clock.now() + flags.number('wait-timeout') * 1000 : undefined
      const execution = new Execution(session, project, {
        inherit: !flags.bool('renew-anon-volumes'),
        ...timeoutOf(flags),
        existing: seen.containers,
        images: seen.images,
        envFiles: ctx.parent.list('env-file'),
        ...(until !== undefined && { until }),
      } satisfies ExecuteOptions)
      const now = detach || !start ? plan.operations : plan.operations.filter(operation => !isStart(operation))
      await execution.all(now)
      if (flags.bool('wait')) await waitForAll(session, project, until, flags.number('wait-timeout'))
      return { execution, startPlan: plan }
    })
    if (!execution) {
      if (!detach && start)
        ctx.out.write("end of 'compose up' output, interactive run is not supported in dry-run mode\n")
      return 0
    }
    if (detach || !start) return 0
    const starting = startPlan.operations.filter(isStart)
    const watch = flags.bool('watch') ? await watcher(ctx, project, flags) : undefined
    return followProject(ctx, project, services, flags, {
      attachTo,
      start: () => execution.quietly(starting),
      ...(watch && { watch }),
    })
  },
}

/** @returns whether it goes on in the background @throws StatusError for flags that contradict one another */
function checkFlags(flags: Flags): boolean {
  const stopAll =
    flags.bool('abort-on-container-exit') ||
    (flags.string('exit-code-from') !== '' && !flags.bool('abort-on-container-failure'))
  const stopFailed = flags.bool('abort-on-container-failure')
  const attach = flags.list('attach').length > 0
  const fail = (message: string): StatusError => new StatusError(1, message)
  if (stopAll && stopFailed)
    return rethrow(fail('--abort-on-container-failure cannot be combined with --abort-on-container-exit'))
  const waits = flags.bool('wait')
  if (waits && (flags.bool('attach-dependencies') || stopAll || attach))
    throw fail('--wait cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies')
  const detach = flags.bool('detach') || waits
  if (flags.bool('build') && flags.bool('no-build')) throw fail('--build and --no-build are incompatible')
  if (detach && (flags.bool('attach-dependencies') || stopAll || stopFailed || attach || flags.bool('watch'))) {
    const others = '--abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch'
    throw fail(`${waits ? '--wait' : '--detach'} cannot be combined with ${others}`)
  }
  const never = flags.bool('no-recreate')
  if (flags.bool('renew-anon-volumes') && never) throw fail('--no-recreate and --renew-anon-volumes are incompatible')
  if (flags.bool('force-recreate') && never) throw fail('--force-recreate and --no-recreate are incompatible')
  if (flags.bool('always-recreate-deps') && never)
    throw fail('--always-recreate-deps and --no-recreate are incompatible')
  if (flags.bool('no-build') && flags.bool('watch')) throw fail('--no-build and --watch are incompatible')
  return detach
}

function rethrow(error: Error): never {
  throw error
}

function apply(loaded: Project, services: readonly string[], flags: Flags): Project {
  const scaled = scaleProject(withPolicies(loaded, flags), flags.list('scale'))
  const project = flags.bool('no-deps') ? withSelected(scaled, services, 'none') : scaled
  const from = flags.string('exit-code-from')
  if (from !== '') serviceOf(project, from)
  return project
}

/** `--watch`: what follows the project's files. @throws StatusError when there is nothing to follow */
async function watcher(
  ctx: CliContext,
  project: Project,
  flags: Flags,
): Promise<(log: (line: string) => void, signal: AbortSignal) => Promise<void>> {
  if (![...project.services.values()].some(service => service.develop?.watch))
    throw new StatusError(
      1,
      'none of the selected services is configured for watch, see https://docs.docker.com/compose/how-tos/file-watch/',
    )
  const { rulesOf, watchFiles } = await import('./watching.ts')
  const rules = rulesOf(project)
  const quiet = flags.bool('quiet-build')
  return (log, signal) =>
    working(ctx, { project, silent: true }, session =>
      watchFiles(ctx, session, project, rules, { log, quiet, prune: true, signal }),
    )
}

/** The services whose output is shown. @throws StatusError */
function attached(project: Project, services: readonly string[], flags: Flags): string[] {
  const named = flags.list('attach')
  const shown = new Set<string>(named)
  if (named.length > 0) {
    const unknown = named.filter(name => !project.services.has(name))
    if (unknown.length > 0)
      throw new StatusError(1, `cannot attach to services not included in up: ${unknown.join(', ')}`)
  } else {
    const needs = flags.bool('attach-dependencies') ? 'dependencies' : 'none'
    forEachService(project, services, (name, service) => service.attach !== false && shown.add(name), needs)
  }
  for (const name of flags.list('no-attach')) shown.delete(name)
  return [...shown]
}

/** `--wait`: until every service runs, or is healthy. */
async function waitForAll(
  session: Session,
  project: Project,
  until: number | undefined,
  seconds: number,
): Promise<void> {
  const containers = await containersOf(session, project.name, { all: true, oneOff: 'without' })
  try {
    await Promise.all(
      [...project.services.keys()].map(name =>
        waitFor(session, {
          dependent: project.name,
          on: name,
          condition: waitCondition(project, name),
          required: true,
          containers: containers.filter(isOf([name])),
          ...(until !== undefined && { until }),
        }),
      ),
    )
  } catch (error) {
    if (until !== undefined && session.clock.now() >= until)
      throw new StatusError(1, `application not healthy after ${seconds}s`)
    throw error
  }
}
