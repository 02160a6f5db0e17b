/** `docker compose start`. */
import { Execution } from '../../../compose/execute.ts'
import { containersOf, projectFromContainers } from '../../../compose/observed.ts'
import { planStart } from '../../../compose/reconcile.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { projectOrName } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services) {
    const { name, project } = await projectOrName(ctx, services)
    await working(ctx, { project, title: 'Starting' }, async session => {
      const containers = await containersOf(session, name, { all: true, oneOff: 'without' })
      if (!project && containers.length === 0)
        throw new StatusError(1, `no container found for project "${name}": not found`)
      const known = project ?? projectFromContainers(name, containers)
      const plan = planStart(known, containers)
      const execution = new Execution(session, known, {
        inherit: true,
        existing: containers,
        images: new Map(),
        envFiles: [],
      })
      await execution.all(plan.operations)
    })
  },
}
