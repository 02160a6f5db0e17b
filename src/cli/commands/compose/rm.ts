/** `docker compose rm`. */
import type { ContainerSummary } from '../../../api/container.ts'
import { remove, stop } from '../../../compose/lifecycle.ts'
import { containersOf, isOf, nameOf, projectWithResources } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { agreed } from './ask.ts'
import { projectOrName } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const { name, project } = await projectOrName(ctx, services)
    if (flags.bool('stop')) {
      await working(ctx, { project, title: 'Stopping' }, async session =>
        stop(session, project ?? (await projectWithResources(session, name)), services),
      )
    }
    const engine = await ctx.engine()
    const found = await containersOf({ engine }, name, { all: true, oneOff: 'without', services })
    const known = project ? found.filter(isOf([...project.services.keys()])) : found
    // What a dry run says that it has stopped still runs.
    const pretended = ctx.dryRun === true && flags.bool('stop')
    const ended = ({ State }: ContainerSummary): boolean => !['running', 'paused', 'restarting'].includes(State)
    const stopped = known.filter(one => pretended || ended(one))
    if (stopped.length === 0) {
      ctx.err.write('No stopped containers\n')
      return
    }
    const going = `Going to remove ${stopped.map(nameOf).join(', ')}`
    if (flags.bool('force')) ctx.out.write(`${going}\n`)
    else if (!(await agreed(ctx, going))) return
    await working(ctx, { project, title: 'Removing' }, session =>
      remove(session, stopped, { volumes: flags.bool('volumes'), force: flags.bool('force') }),
    )
  },
}
