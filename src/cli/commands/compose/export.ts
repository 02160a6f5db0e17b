/** `docker compose export`. */
import type { Command } from '../../command.ts'
import { command as exporting } from '../container/export.ts'
import { borrow } from './borrowed.ts'
import { serviceContainer } from './service-container.ts'

export const command: Command = {
  async run(ctx, [service = ''], flags) {
    const { Id } = await serviceContainer(ctx, service, flags, { all: true })
    return borrow(exporting, ctx, [Id], flags)
  },
}
