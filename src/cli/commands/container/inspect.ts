/** `docker container inspect`. */
import type { Command } from '../../command.ts'
import { containerType } from '../../format/go-types.ts'
import { inspect } from '../../format/inspect.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const { containers } = await ctx.engine()
    await inspect(
      ctx.out,
      args,
      flags.string('format'),
      name => containers.inspect(name, { size: flags.bool('size') }),
      () => containerType,
    )
  },
}
