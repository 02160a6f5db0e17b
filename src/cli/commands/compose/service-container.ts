/** The container of a service that a command names, with `--index`. */
import type { ContainerSummary } from '../../../api/container.ts'
import { containerOf, type OneOff } from '../../../compose/observed.ts'
import type { CliContext } from '../../command.ts'
import type { Flags } from '../../flags.ts'
import { progressMode } from './mode.ts'
import { projectOrName } from './project.ts'
import { working } from './session.ts'

/** The project's name, which needs the file unless `-p` gives it. */
export async function projectName(ctx: CliContext): Promise<string> {
  const given = ctx.parent.string('project-name') || (ctx.env.COMPOSE_PROJECT_NAME ?? '')
  progressMode(ctx)
  return given.toLowerCase() || (await projectOrName(ctx)).name
}

/** @throws ComposeError `service "x" is not running` */
export async function serviceContainer(
  ctx: CliContext,
  service: string,
  flags: Flags,
  options: { all?: boolean; oneOff?: OneOff } = {},
): Promise<ContainerSummary> {
  const { all = false, oneOff = 'with' } = options
  const name = await projectName(ctx)
  return working(ctx, { silent: true }, session =>
    containerOf(session, name, service, { index: flags.number('index'), all, oneOff }),
  )
}
