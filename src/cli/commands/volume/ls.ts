/** `docker volume ls`. */
import type { Command } from '../../command.ts'
import { printList } from '../../format/formatter.ts'
import { volumeList } from '../../format/volume.ts'
import { natural } from '../../order.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const volumes = await (await ctx.engine()).volumes.list(flags.filters('filter'))
    volumes.sort((a, b) => natural(a.Name, b.Name))
    await printList(ctx.out, volumeList, volumes, { format: flags.string('format'), quiet: flags.bool('quiet') })
    return undefined
  },
}
