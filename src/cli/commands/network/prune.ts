/** `docker network prune`. */
import type { Command } from '../../command.ts'
import { confirm } from '../../prompt.ts'

const WARNING = 'WARNING! This will remove all custom networks not used by at least one container.'

export const command: Command = {
  async run(ctx, _args, flags) {
    if (!flags.bool('force') && !(await confirm(ctx, `${WARNING}\nAre you sure you want to continue?`)))
      return undefined
    const deleted = await (await ctx.engine()).networks.prune(flags.filters('filter'))
    if (deleted.length > 0) ctx.out.write(`Deleted Networks:\n${deleted.map(name => `${name}\n`).join('')}\n`)
    return undefined
  },
}
