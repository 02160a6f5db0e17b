/** `docker compose kill`. */
import { kill } from '../../../compose/lifecycle.ts'
import type { Command } from '../../command.ts'
import { projectOrName } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const { name, project } = await projectOrName(ctx, services)
    const killed = await working(ctx, { project, title: 'Killing' }, session =>
      kill(session, name, project, {
        services,
        signal: flags.string('signal'),
        all: false,
        orphans: flags.bool('remove-orphans'),
      }),
    )
    if (!killed) ctx.err.write('no container to kill')
  },
}
