/** `docker network ls`. */
import type { Command } from '../../command.ts'
import { printList } from '../../format/formatter.ts'
import { networkList } from '../../format/network.ts'
import { natural } from '../../order.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const networks = await (await ctx.engine()).networks.list(flags.filters('filter'))
    networks.sort((a, b) => natural(a.Name, b.Name))
    const options = { format: flags.string('format'), quiet: flags.bool('quiet') }
    await printList(ctx.out, networkList(flags.bool('no-trunc')), networks, options)
    return undefined
  },
}
