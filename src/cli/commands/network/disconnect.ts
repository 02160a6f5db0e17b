/** `docker network disconnect`. */
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx, [network = '', container = ''], flags) {
    await (await ctx.engine()).networks.disconnect(network, container, flags.bool('force'))
    return undefined
  },
}
