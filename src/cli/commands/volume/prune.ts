/** `docker volume prune`. */
import type { Command } from '../../command.ts'
import { humanSize } from '../../format/units.ts'
import { confirm } from '../../prompt.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const filters = flags.filters('filter')
    const all = flags.bool('all')
    if (all && 'all' in filters) throw new Error('conflicting options: cannot specify both --all and --filter all=1')
    const which = all ? 'all local volumes' : 'anonymous local volumes'
    const warning = `WARNING! This will remove ${which} not used by at least one container.`
    if (!flags.bool('force') && !(await confirm(ctx, `${warning}\nAre you sure you want to continue?`)))
      return undefined
    const report = await (await ctx.engine()).volumes.prune(all ? { ...filters, all: ['true'] } : filters)
    const deleted = report.Deleted.map(name => `${name}\n`).join('')
    ctx.out.write(deleted === '' ? '' : `Deleted Volumes:\n${deleted}\n`)
    ctx.out.write(`Total reclaimed space: ${humanSize(report.SpaceReclaimed)}\n`)
    return undefined
  },
}
