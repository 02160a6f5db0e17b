/** `docker compose pause`. */
import { pause } from '../../../compose/lifecycle.ts'
import type { Command } from '../../command.ts'
import { projectOrName } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services) {
    const { name, project } = await projectOrName(ctx, services)
    await working(ctx, { project, title: 'Pausing' }, session => pause(session, name, project, services, true))
  },
}
