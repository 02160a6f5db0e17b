/** `docker compose commit`. */
import { nameOf } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { serviceContainer } from './service-container.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, [service = '', repo], flags) {
    const container = await serviceContainer(ctx, service, flags)
    const name = nameOf(container)
    await working(ctx, { title: 'Committing' }, async ({ engine, report }) => {
      report({ id: name, state: 'working', text: `Commit ${name}`, status: 'Committing' })
      const { Id } = await engine.containers.commit(container.Id, {
        ...(repo !== undefined && { repo }),
        comment: flags.string('message'),
        author: flags.string('author'),
        pause: flags.bool('pause'),
        changes: [...flags.list('change')],
      })
      report({
        id: name,
        state: 'done',
        text: `Commit ${name}`,
        status: ctx.dryRun ? 'Committed' : `Committed as ${Id}`,
      })
    })
  },
}
