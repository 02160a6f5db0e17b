/** `docker image inspect`. */
import type { Command } from '../../command.ts'
import { imageType } from '../../format/go-types.ts'
import { inspect } from '../../format/inspect.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    const platform = flags.string('platform')
    await inspect(
      ctx.out,
      args,
      flags.string('format'),
      name => engine.images.inspect(name, platform === '' ? {} : { platform }),
      () => imageType,
    )
    return undefined
  },
}
