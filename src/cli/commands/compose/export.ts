/** `docker compose export`. */
import { nameOf } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { command as exporting } from '../container/export.ts'
import { borrow } from './borrowed.ts'
import { serviceContainer } from './service-container.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, [service = ''], flags): Promise<number | undefined> {
    const container = await serviceContainer(ctx, service, flags, { all: true })
    const output = flags.string('output')
    if (output === '' && ctx.out.isTTY) return (await borrow(exporting, ctx, [container.Id], flags)) || undefined
    const name = nameOf(container)
    return working(ctx, { title: 'Exporting' }, async ({ report }) => {
      report({ id: name, state: 'working', text: `export ${name} to ${output}`, status: 'Exporting' })
      if (!ctx.dryRun) return (await borrow(exporting, ctx, [container.Id], flags)) || undefined
      report({ id: name, state: 'done', text: `export ${name} to ${output}`, status: 'Exported' })
      return undefined
    })
  },
}
