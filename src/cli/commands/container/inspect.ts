/** `docker container inspect`. */
import type { Command } from '../../command.ts'
import { inspect } from '../../format/inspect.ts'
import { CONTAINER_OPTIONAL } from '../system/inspect.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const { containers } = await ctx.engine()
    await inspect(
      ctx.out,
      args,
      flags.string('format'),
      name => containers.inspect(name, { size: flags.bool('size') }),
      CONTAINER_OPTIONAL,
    )
  },
}
