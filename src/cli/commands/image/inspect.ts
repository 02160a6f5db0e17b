/** `docker image inspect`. */
import type { Command } from '../../command.ts'
import { imageType } from '../../format/go-types.ts'
import { inspect } from '../../format/inspect.ts'
import { checkPlatform } from './platform.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const platform = flags.string('platform')
    checkPlatform(platform, '')
    const engine = await ctx.engine()
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
