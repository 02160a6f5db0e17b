/** `docker volume inspect`. */
import type { Command } from '../../command.ts'
import { volumeType } from '../../format/go-types.ts'
import { inspect } from '../../format/inspect.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    await inspect(
      ctx.out,
      args,
      flags.string('format'),
      name => engine.volumes.inspect(name),
      () => volumeType,
      'volume.Volume',
    )
    return undefined
  },
}
