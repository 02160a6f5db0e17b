/** `docker compose attach`. */
import type { Command } from '../../command.ts'
import { command as attach } from '../container/attach.ts'
import { borrow } from './borrowed.ts'
import { serviceContainer } from './service-container.ts'

export const command: Command = {
  async run(ctx, [service = ''], flags) {
    const { Id } = await serviceContainer(ctx, service, flags)
    return borrow(attach, ctx, [Id], flags)
  },
}
