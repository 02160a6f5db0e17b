/** `docker compose down`. */
import { down, readRmi } from '../../../compose/lifecycle.ts'
import { projectWithResources } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { yes } from './create-options.ts'
import { projectOrName } from './project.ts'
import { timeoutOf, working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const images = readRmi(flags.string('rmi'))
    const { name, project } = await projectOrName(ctx, services)
    const removeOrphans = flags.changed('remove-orphans')
      ? flags.bool('remove-orphans')
      : yes(ctx.env.COMPOSE_REMOVE_ORPHANS)
    await working(ctx, { project }, async session =>
      down(session, project ?? (await projectWithResources(session, name)), {
        services,
        removeOrphans,
        volumes: flags.bool('volumes'),
        images,
        fromFile: project !== undefined,
        ...timeoutOf(flags),
      }),
    )
  },
}
