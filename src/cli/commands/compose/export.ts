/** `docker compose export`. */
import { nameOf } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { command as exporting } from '../container/export.ts'
import { borrow } from './borrowed.ts'
import { serviceContainer } from './service-container.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, [service = ''], flags) {
    const container = await serviceContainer(ctx, service, flags, { all: true })
    const output = flags.string('output')
    if (output === '' && ctx.out.isTTY) return borrow(exporting, ctx, [container.Id], flags)
    const name = nameOf(container)
    return working(ctx, { title: 'Exporting' }, ({ report }) => {
      report({ id: name, state: 'working', text: `export ${name} to ${output}`, status: 'Exporting' })
      return borrow(exporting, ctx, [container.Id], flags)
    })
  },
}
