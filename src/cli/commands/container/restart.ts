/** `docker restart`. */
import type { Command } from '../../command.ts'
import { forEachArgument } from './each.ts'
import { stopOptions } from './stop-options.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const { containers } = await ctx.engine()
    const options = stopOptions(flags)
    await forEachArgument(ctx, args, id => containers.restart(id, options))
  },
}
