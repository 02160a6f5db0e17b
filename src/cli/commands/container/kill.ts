/** `docker kill`. */
import type { Command } from '../../command.ts'
import { forEachArgument } from './each.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const { containers } = await ctx.engine()
    const signal = flags.string('signal')
    await forEachArgument(ctx, args, id => containers.kill(id, signal === '' ? {} : { signal }))
  },
}
