/** `docker compose run`. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ContainerSummary } from '../../../api/container.ts'
import { createRequest } from '../../../compose/container-spec.ts'
import { Execution, linksOf } from '../../../compose/execute.ts'
import { shortPort } from '../../../compose/file/canonical.ts'
import { parseDotenv } from '../../../compose/file/dotenv.ts'
import type { Port, Service, VolumeMount } from '../../../compose/file/model.ts'
import { service as serviceCodec } from '../../../compose/file/model.ts'
import { type Project, serviceOf, withDisabled, withSelected } from '../../../compose/file/project.ts'
import { shellWords } from '../../../compose/file/shell-words.ts'
import { mapping } from '../../../compose/file/tree.ts'
import { parseVolumeSpec } from '../../../compose/file/volume-spec.ts'
import { ensureImages } from '../../../compose/images.ts'
import { injectFiles } from '../../../compose/inject.ts'
import { LABEL } from '../../../compose/labels.ts'
import { containersOf, isOf, isOneOff, numberOf } from '../../../compose/observed.ts'
import { resolveShared } from '../../../compose/reconcile.ts'
import type { Session } from '../../../compose/session.ts'
import { waitFor } from '../../../compose/wait.ts'
import { codeOf } from '../../../errors.ts'
import { systemRandom } from '../../../util/random.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { command as start } from '../container/start.ts'
import { failure } from '../image/host-file.ts'
import { borrow, fixedFlags } from './borrowed.ts'
import { imageOptions, prepare, withPolicies, yes } from './create-options.ts'
import { showPlan } from './dry-run.ts'
import { projectOf } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, [name = '', ...words], flags) {
    if (flags.list('publish').length > 0 && flags.bool('service-ports'))
      throw new StatusError(1, '--service-ports and --publish are incompatible')
    const entrypoint = flags.changed('entrypoint') ? shellWords(flags.string('entrypoint')) : undefined
    const tty = wantsTty(ctx, flags)
    const loaded = await projectOf(ctx, [name])
    const project = apply(flags.bool('no-deps') ? withSelected(loaded, [name], 'none') : loaded, name, flags)
    const labels = readLabels(flags.list('label'))
    if (tty && flags.bool('interactive') && !ctx.in.isTTY) throw new StatusError(1, 'the input device is not a TTY')
    const overrides = { words, entrypoint, tty, labels }
    const id = await make(ctx, project, name, flags, overrides)
    const options = { attach: !flags.bool('detach'), interactive: !flags.bool('detach') && flags.bool('interactive') }
    return startAttached(ctx, id, options)
  },
}

/** What `docker start -a` does; an error of the start leaves the container and ends with 1. */
async function startAttached(
  ctx: CliContext,
  id: string,
  options: { attach: boolean; interactive: boolean },
): Promise<number | undefined> {
  const status = await borrow(start, ctx, [id], fixedFlags(options))
  // Compose ends an error's text with a line, even where there is none.
  if (status) throw new StatusError(status, '\n')
  return status
}

/** Whether the command gets a terminal: where there is one, unless the flags say otherwise. @throws StatusError */
function wantsTty(ctx: CliContext, flags: Flags): boolean {
  if (flags.changed('tty')) {
    if (flags.changed('no-TTY')) throw new StatusError(1, "--tty and --no-TTY can't be used together")
    return flags.bool('tty')
  }
  if (flags.changed('no-TTY')) return !flags.bool('no-TTY')
  return ctx.out.isTTY && (flags.changed('interactive') || ctx.in.isTTY)
}

function readLabels(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map(text => {
      const equals = text.indexOf('=')
      if (equals < 0) throw new StatusError(1, 'label must be set as KEY=VALUE')
      return [text.slice(0, equals), text.slice(equals + 1)]
    }),
  )
}

/** The ports and volumes of the command line in the service's place. */
function apply(loaded: Project, name: string, flags: Flags): Project {
  const project = withPolicies(loaded, flags)
  const service = serviceOf(project, name)
  const decode = (key: 'ports' | 'volumes', values: ReturnType<typeof mapping>[]): Service =>
    serviceCodec.decode(mapping([[key, values]]), '', []) ?? {}
  const ports: Port[] = decode('ports', flags.list('publish').flatMap(shortPort)).ports ?? []
  const volumes: VolumeMount[] = decode('volumes', flags.list('volume').map(parseVolumeSpec)).volumes ?? []
  project.services.set(name, {
    ...service,
    ...(!flags.bool('service-ports') && { ports }),
    ...(volumes.length > 0 && { volumes: [...(service.volumes ?? []), ...volumes] }),
  })
  return project
}

interface Overrides {
  words: readonly string[]
  entrypoint: string[] | undefined
  tty: boolean
  labels: Record<string, string>
}

/** The service as this container is to be. */
function overridden(project: Project, service: Service, flags: Flags, ctx: CliContext, given: Overrides): Service {
  const { restart: _restart, deploy, ...rest } = service
  const environment = new Map(rest.environment)
  for (const [key, value] of readVariables(project, flags, ctx)) environment.set(key, value)
  const capAdd = flags.list('cap-add')
  const capDrop = flags.list('cap-drop')
  const without = (all: readonly string[] = [], gone: readonly string[]): string[] =>
    all.filter(one => !gone.includes(one))
  const command = given.words.length > 0 ? [...given.words] : given.entrypoint ? [] : rest.command
  const { restart_policy: _policy, ...kept } = deploy ?? {}
  return {
    ...rest,
    ...(deploy && { deploy: kept }),
    scale: 1,
    tty: given.tty,
    stdin_open: flags.bool('interactive'),
    ...(command && { command }),
    ...(given.entrypoint && { entrypoint: given.entrypoint }),
    ...(flags.string('user') && { user: flags.string('user') }),
    ...(flags.string('workdir') && { working_dir: flags.string('workdir') }),
    ...(environment.size > 0 && { environment }),
    ...(capAdd.length > 0 && {
      cap_add: [...(rest.cap_add ?? []), ...capAdd],
      cap_drop: without(rest.cap_drop, capAdd),
    }),
    ...(capDrop.length > 0 && {
      cap_drop: [...(rest.cap_drop ?? []), ...capDrop],
      cap_add: without(rest.cap_add, capDrop),
    }),
    labels: new Map([...(rest.labels ?? []), ...Object.entries(given.labels)]),
  }
}

/** `-e` and `--env-from-file`; a bare name takes the value of the environment. */
function readVariables(project: Project, flags: Flags, ctx: CliContext): Map<string, string> {
  const found = new Map<string, string>()
  for (const text of flags.list('env')) {
    const equals = text.indexOf('=')
    const value = equals < 0 ? project.environment.get(text) : text.slice(equals + 1)
    if (value !== undefined) found.set(equals < 0 ? text : text.slice(0, equals), value)
  }
  for (const file of flags.list('env-from-file')) {
    const own = new Map<string, string>()
    parseDotenv(readVariablesFile(ctx, file), own, key => found.get(key))
    for (const [key, value] of own) if (!found.has(key)) found.set(key, value)
  }
  return found
}

/** @throws StatusError with Go's words, which name the file as the user did */
function readVariablesFile(ctx: CliContext, file: string): string {
  try {
    return readFileSync(resolve(ctx.cwd, file), 'utf8')
  } catch (error) {
    // What is no file has nothing in it.
    if (codeOf(error) === 'EISDIR') return ''
    throw failure('open', file, error)
  }
}

/** Brings up what the service depends on, and makes the container. */
async function make(ctx: CliContext, project: Project, name: string, flags: Flags, given: Overrides): Promise<string> {
  const quietPull = flags.bool('quiet-pull')
  const quietBuild = flags.bool('quiet-build') || quietPull
  const ignoreOrphans = yes(project.environment.get('COMPOSE_IGNORE_ORPHANS'))
  return working(ctx, { project, silent: flags.bool('quiet') }, async session => {
    const others = withDisabled(project, [name])
    const { plan, seen } = await prepare(
      ctx,
      session,
      others,
      await imageOptions(ctx, others, { quietPull, noBuild: false, quietBuild }),
      {
        services: [],
        recreate: 'diverged',
        recreateDependencies: 'diverged',
        removeOrphans: flags.bool('remove-orphans'),
        ignoreOrphans,
        assumeYes: false,
        start: true,
      },
    )
    if (ctx.dryRun) {
      showPlan(ctx, session, others, plan)
      throw new StatusError(1, 'interactive run is not supported in dry-run mode')
    }
    const envFiles = ctx.parent.list('env-file')
    const execution = new Execution(session, others, {
      inherit: true,
      existing: seen.containers,
      images: seen.images,
      envFiles,
    })
    await execution.all(plan.operations)
    const own = { ...project, services: new Map([[name, serviceOf(project, name)]]) }
    const images = await ensureImages(
      session,
      own,
      await imageOptions(ctx, own, { quietPull, noBuild: false, quietBuild }),
    )
    const service = overridden(project, serviceOf(project, name), flags, ctx, given)
    return createOneOff(session, project, name, service, flags, { imageId: images.get(name), envFiles })
  })
}

async function createOneOff(
  session: Session,
  project: Project,
  name: string,
  service: Service,
  flags: Flags,
  { imageId, envFiles }: { imageId: string | undefined; envFiles: readonly string[] },
): Promise<string> {
  const containers = await containersOf(session, project.name, { all: true, oneOff: 'with' })
  if (!flags.bool('no-deps')) {
    for (const [on, dependency] of service.depends_on ?? []) {
      const { condition = 'service_started', required = true } = dependency ?? {}
      if (condition === 'service_started') continue
      const waiting = containers.filter(one => isOf([on])(one) && !isOneOff(one))
      await waitFor(session, { dependent: name, on, condition, required, containers: waiting })
    }
  }
  const idOf = (other: string, what: string): string => {
    const [first] = containers
      .filter(one => isOf([other])(one) && !isOneOff(one))
      .sort((a, b) => numberOf(a) - numberOf(b))
    if (!first) throw new StatusError(1, `cannot share ${what} with service ${other}: container missing`)
    return first.Id
  }
  const slug = slugOf(session, project.name, containers)
  const container = flags.string('name') || [project.name, name, 'run', slug.slice(0, 12)].join(session.separator)
  const request = createRequest(project, {
    name: container,
    service: resolveShared(service, idOf),
    serviceName: name,
    separator: session.separator,
    warn: session.warn,
    links: await linksOf(session, project, service, 1),
    labels: { [LABEL.slug]: slug },
    oneOff: true,
    autoRemove: flags.bool('rm'),
    attachStdin: flags.bool('interactive'),
    aliases: flags.bool('use-aliases'),
    envFiles,
    ...(imageId !== undefined && { imageId }),
  })
  const { Id } = await session.engine.containers.create(request, {
    name: container,
    ...(service.platform && { platform: service.platform }),
  })
  await injectFiles(session, project, name, service, Id)
  return Id
}

/** 64 hex digits: random, or following from what is there where the clock is virtual. */
function slugOf({ clock }: Session, project: string, containers: readonly ContainerSummary[]): string {
  if (!clock.virtual) return systemRandom().id()
  const words = [project, clock.now(), ...containers.map(one => one.Id)]
  return createHash('sha256').update(words.join(':')).digest('hex')
}
