/** Builds the images of services. */
import type { Project } from '../../../compose/file/project.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'

export interface BuildOptions {
  quiet: boolean
}

/** @throws StatusError when an image cannot be built */
export async function buildServices(
  ctx: CliContext,
  _project: Project,
  services: readonly string[],
  _options: BuildOptions,
): Promise<void> {
  throw new StatusError(1, `${ctx.name}: compose cannot build yet: ${services.join(', ')}`)
}
