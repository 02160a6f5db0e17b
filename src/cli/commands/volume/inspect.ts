/** `docker volume inspect`. */
import type { Command } from '../../command.ts'
import { inspect } from '../../format/inspect.ts'
import { nilMap } from '../../template/value.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    await inspect(
      ctx.out,
      args,
      flags.string('format'),
      name => engine.volumes.inspect(name),
      () => ({ Status: nilMap, UsageData: null }),
      'volume.Volume',
    )
    return undefined
  },
}
