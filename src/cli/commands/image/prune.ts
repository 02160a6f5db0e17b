/** `docker image prune`. */
import type { Command } from '../../command.ts'
import { humanSize } from '../../format/units.ts'
import { confirm } from '../../prompt.ts'

const dangling = 'WARNING! This will remove all dangling images.'
const all = 'WARNING! This will remove all images without at least one container associated to them.'

export const command: Command = {
  async run(ctx, _args, flags) {
    const warning = flags.bool('all') ? all : dangling
    if (!flags.bool('force') && !(await confirm(ctx, `${warning}\nAre you sure you want to continue?`)))
      return undefined
    const given = flags.filters('filter')
    const filters = { ...given, dangling: [...(given.dangling ?? []), String(!flags.bool('all'))] }
    const { ImagesDeleted, SpaceReclaimed } = await (await ctx.engine()).images.prune(filters)
    if (ImagesDeleted.length > 0) {
      const lines = ImagesDeleted.map(item =>
        'Deleted' in item ? `deleted: ${item.Deleted}\n` : `untagged: ${item.Untagged}\n`,
      )
      ctx.out.write(`Deleted Images:\n${lines.join('')}\n`)
    }
    ctx.out.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`)
    return undefined
  },
}
