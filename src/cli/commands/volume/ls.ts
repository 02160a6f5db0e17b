/** `docker volume ls`. */
import type { Command } from '../../command.ts'
import { printList } from '../../format/formatter.ts'
import { clusterList, volumeList } from '../../format/volume.ts'
import { natural } from '../../order.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const volumes = await (await ctx.engine()).volumes.list(flags.filters('filter'))
    volumes.sort((a, b) => natural(a.Name, b.Name))
    if (flags.bool('cluster')) {
      // There is no Swarm, so there are no cluster volumes: the heading alone.
      await printList(ctx.out, clusterList, [], { format: flags.string('format'), quiet: flags.bool('quiet') })
      return undefined
    }
    await printList(ctx.out, volumeList, volumes, { format: flags.string('format'), quiet: flags.bool('quiet') })
    return undefined
  },
}
