/** `docker network inspect`. */
import type { Command } from '../../command.ts'
import { networkType } from '../../format/go-types.ts'
import { inspect } from '../../format/inspect.ts'
import { timeValue } from '../../format/shape.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    await inspect(
      ctx.out,
      args,
      flags.string('format'),
      async name => {
        const network = await engine.networks.inspect(name, { verbose: flags.bool('verbose') })
        return { ...network, Created: timeValue(network.Created) }
      },
      () => networkType,
    )
    return undefined
  },
}
