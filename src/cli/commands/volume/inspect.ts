/** `docker volume inspect`. */
import type { Command } from '../../command.ts'
import { inspect } from '../../format/inspect.ts'
import { volumeZeroValues } from '../../format/zero-values.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    await inspect(
      ctx.out,
      args,
      flags.string('format'),
      name => engine.volumes.inspect(name),
      () => volumeZeroValues,
      'volume.Volume',
    )
    return undefined
  },
}
