/** `docker compose restart`. */
import { restart } from '../../../compose/lifecycle.ts'
import { projectWithResources } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { projectOrName } from './project.ts'
import { timeoutOf, working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const { name, project } = await projectOrName(ctx)
    await working(ctx, { project, title: 'Restarting' }, async session =>
      restart(session, project ?? (await projectWithResources(session, name)), services, {
        noDeps: flags.bool('no-deps'),
        ...timeoutOf(flags),
      }),
    )
  },
}
