/** `docker pause`. */
import type { Command } from '../../command.ts'
import { forEachArgument } from './each.ts'

export const command: Command = {
  async run(ctx, args) {
    const { containers } = await ctx.engine()

    await forEachArgument(ctx, args, id => containers.pause(id))
  },
}
