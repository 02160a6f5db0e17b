/** The project that a compose command is about, from the flags before its name. */
import { resolve } from 'node:path'
import type { ProjectOptions } from '../../../compose/file/load.ts'
import type { Project } from '../../../compose/file/project.ts'
import type { CliContext } from '../../command.ts'
import { warner } from './log.ts'
import { progressMode } from './mode.ts'

/** What a command asks of the file beyond the flags. */
export type Asked = Partial<Pick<ProjectOptions, 'raw' | 'keepPaths' | 'noNormalize' | 'noConsistency' | 'noEnvFiles'>>

/** The loader's options for a command. */
export async function projectOptions(ctx: CliContext, asked: Asked = {}): Promise<ProjectOptions> {
  progressMode(ctx)
  const flags = ctx.parent
  const words = (text: string | undefined): string[] => (text ?? '').split(',').filter(word => word !== '')
  return {
    cwd: ctx.cwd,
    env: ctx.env,
    files: flags.list('file'),
    envFiles: envFiles(ctx) ?? words(ctx.env.COMPOSE_ENV_FILES),
    profiles: flags.list('profile'),
    name: flags.string('project-name'),
    directory: flags.string('project-directory') || flags.string('workdir'),
    stdin: async () => Buffer.from(await ctx.in.readAll()).toString(),
    warn: await warner(ctx),
    ...asked,
  }
}

/** The files of `--env-file`, as absolute paths. */
function envFiles(ctx: CliContext): string[] | undefined {
  const files = ctx.parent.list('env-file')
  return files.length > 0 ? files.map(file => resolve(ctx.cwd, file)) : undefined
}

/** `-` between the parts of a container's name; `_` for older versions' (`--compatibility`). */
export const separatorOf = (ctx: CliContext, project?: Project): string =>
  ctx.parent.bool('compatibility') || /^(1|t|true)$/i.test(project?.environment.get('COMPOSE_COMPATIBILITY') ?? '')
    ? '_'
    : '-'

/**
 * The project, with the services that were named (all for none) and what they need, and only the resources in use.
 * @throws ComposeError
 */
export async function projectOf(ctx: CliContext, services: readonly string[], asked: Asked = {}): Promise<Project> {
  const { loadProject } = await import('../../../compose/file/load.ts')
  const { withEnabled, withoutUnused, withSelected } = await import('../../../compose/file/project.ts')
  const loaded = withEnabled(await loadProject(await projectOptions(ctx, asked)), services)
  const project = withSelected(loaded, services)
  return ctx.parent.bool('all-resources') ? project : withoutUnused(project)
}

/**
 * The project's name, and the project where there is a file to read: with `-p` alone there need be none.
 * @throws ComposeError
 */
export async function projectOrName(
  ctx: CliContext,
  services: readonly string[] = [],
): Promise<{ name: string; project?: Project }> {
  const given = ctx.parent.string('project-name')
  progressMode(ctx)
  if (given !== '' && ctx.parent.list('file').length === 0) return { name: given.toLowerCase() }
  try {
    const project = await projectOf(ctx, services, { noEnvFiles: true })
    return { name: project.name, project }
  } catch (error) {
    const name = ctx.env.COMPOSE_PROJECT_NAME
    if (name) return { name: name.toLowerCase() }
    throw error
  }
}
