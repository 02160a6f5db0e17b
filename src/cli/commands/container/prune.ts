/** `docker container prune`. */
import type { Command } from '../../command.ts'
import { humanSize } from '../../format/units.ts'
import { confirm } from '../../prompt.ts'

const warning = 'WARNING! This will remove all stopped containers.'

export const command: Command = {
  async run(ctx, _args, flags) {
    if (!flags.bool('force') && !(await confirm(ctx, `${warning}\nAre you sure you want to continue?`))) return
    const { Deleted, SpaceReclaimed } = await (await ctx.engine()).containers.prune(flags.filters('filter'))
    if (Deleted.length > 0) ctx.out.write(`Deleted Containers:\n${Deleted.map(id => `${id}\n`).join('')}\n`)
    ctx.out.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`)
  },
}
