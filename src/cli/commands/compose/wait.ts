/** `docker compose wait`. */
import { down } from '../../../compose/lifecycle.ts'
import { containersOf, projectWithResources } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { projectOrName } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const { name, project } = await projectOrName(ctx)
    const engine = await ctx.engine()
    const containers = await containersOf({ engine }, name, { all: false, oneOff: 'with', services })
    if (containers.length === 0) throw new StatusError(1, `no containers for project ${JSON.stringify(name)}`)
    let status = 0
    await Promise.all(
      containers.map(async ({ Id }) => {
        const { StatusCode } = await engine.containers.wait(Id, { condition: 'not-running' })
        ctx.out.write(`container ${JSON.stringify(Id)} exited with status code ${StatusCode}\n`)
        status = StatusCode
      }),
    )
    if (flags.bool('down-project')) {
      await working(ctx, { project }, async session =>
        down(session, await projectWithResources(session, name), {
          services: [],
          removeOrphans: true,
          volumes: false,
          images: '',
          fromFile: false,
        }),
      )
    }
    return status
  },
}
