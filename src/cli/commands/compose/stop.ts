/** `docker compose stop`. */
import { stop } from '../../../compose/lifecycle.ts'
import { projectWithResources } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { projectOrName } from './project.ts'
import { timeoutOf, working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const { name, project } = await projectOrName(ctx, services)
    await working(ctx, { project, title: 'Stopping' }, async session =>
      stop(session, project ?? (await projectWithResources(session, name)), services, timeoutOf(flags)),
    )
  },
}
