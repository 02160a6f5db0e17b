/** The flags that `up`, `create`, `run` and `scale` have in common, and what they do to a project. */

import type { Project } from '../../../compose/file/project.ts'
import { serviceOf } from '../../../compose/file/project.ts'
import { ensureImages, type ImageOptions } from '../../../compose/images.ts'
import { look, type Seen } from '../../../compose/look.ts'
import type { Plan } from '../../../compose/plan.ts'
import { type Recreate, reconcile } from '../../../compose/reconcile.ts'
import type { Session } from '../../../compose/session.ts'
import { parseReference } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { authFor } from '../image/auth.ts'
import { agreed } from './ask.ts'

export const yes = (text: string | undefined): boolean => /^(1|t|true|y|yes)$/i.test(text ?? '')

/** How many containers, from `SERVICE=NUM`. @throws StatusError */
export function scaleProject(project: Project, specs: readonly string[]): Project {
  const services = new Map(project.services)
  for (const spec of specs) {
    const [name = '', count, extra] = spec.split('=')
    if (count === undefined || extra !== undefined)
      throw new StatusError(1, `invalid --scale option ${JSON.stringify(spec)}. Should be SERVICE=NUM`)
    const scale = Number(count)
    if (!/^[+-]?\d+$/.test(count))
      throw new StatusError(1, `strconv.Atoi: parsing ${JSON.stringify(count)}: invalid syntax`)
    const service = serviceOf(project, name)
    services.set(name, { ...service, scale, ...(service.deploy && { deploy: { ...service.deploy, replicas: scale } }) })
  }
  return { ...project, services }
}

/** `--pull` and `--build` as the services' pull policies. @throws StatusError */
export function withPolicies(project: Project, flags: Flags): Project {
  const policy = flags.changed('pull') ? flags.string('pull') : undefined
  if (policy !== undefined && !['always', 'missing', 'never', 'build', 'if_not_present'].includes(policy))
    throw new StatusError(1, `invalid --pull option ${JSON.stringify(policy)}`)
  const services = new Map(
    [...project.services].map(([name, service]) => {
      const pull = flags.bool('build') && service.build ? 'build' : policy
      return [name, pull === undefined ? service : { ...service, pull_policy: pull }] as const
    }),
  )
  return { ...project, services }
}

/** How images come to be: from their registries, and from the services' build sections. */
export async function imageOptions(
  ctx: CliContext,
  project: Project,
  options: { quietPull: boolean; noBuild: boolean; quietBuild: boolean },
): Promise<ImageOptions> {
  const [{ buildTargets }, { buildPlan }] = await Promise.all([
    import('./build-services.ts'),
    import('../../../compose/build-targets.ts'),
  ])
  return {
    quietPull: options.quietPull,
    auth: image => authFor(ctx, parseReference(image)),
    ...(!options.noBuild && {
      build: (session, services) =>
        buildTargets(ctx, session, buildPlan(project, services, { separator: session.separator }), options.quietBuild),
    }),
  }
}

export interface CreateOptions {
  services: readonly string[]
  recreate: Recreate
  recreateDependencies: Recreate
  removeOrphans: boolean
  ignoreOrphans: boolean
  assumeYes: boolean
  start: boolean
}

/** Brings images, looks, and decides: what is to be done for a project to be as its file says. */
export async function prepare(
  ctx: CliContext,
  session: Session,
  project: Project,
  images: ImageOptions,
  options: CreateOptions,
): Promise<{ plan: Plan; seen: Seen }> {
  const { checkContainerNames } = await import('../../../compose/file/project.ts')
  checkContainerNames(project)
  const seen = await look(session, project, await ensureImages(session, project, images))
  const plan = await reconcile(project, seen, {
    ...options,
    services: options.services.length > 0 ? options.services : [...project.services.keys()],
    separator: session.separator,
    warn: session.warn,
    confirm: async question => options.assumeYes || agreed(ctx, question),
  })
  return { plan, seen }
}

/** `--force-recreate`, `--no-recreate` and their like. */
export function recreation(
  flags: Flags,
  has: { dependencies: boolean; anonymous: boolean },
): {
  recreate: Recreate
  recreateDependencies: Recreate
} {
  const never = flags.bool('no-recreate')
  const force = flags.bool('force-recreate') || (has.anonymous && flags.bool('renew-anon-volumes'))
  const deep = has.dependencies && flags.bool('always-recreate-deps')
  return {
    recreate: never ? 'never' : force ? 'force' : 'diverged',
    recreateDependencies: never ? 'never' : deep ? 'force' : 'diverged',
  }
}
