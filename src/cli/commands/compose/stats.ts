/** `docker compose stats`. */
import { LABEL } from '../../../compose/labels.ts'
import type { Command } from '../../command.ts'
import { command as stats } from '../container/stats.ts'
import { borrow } from './borrowed.ts'
import { projectName } from './service-container.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const label = [`${LABEL.project}=${await projectName(ctx)}`, ...services.map(name => `${LABEL.service}=${name}`)]
    const engine = await ctx.engine()
    const found = await engine.containers.list({ all: flags.bool('all'), filters: { label } })
    // Without a name the other command would show every container there is.
    if (found.length > 0)
      return borrow(
        stats,
        ctx,
        found.map(one => one.Id),
        flags,
      )
    const { printList } = await import('../../format/formatter.ts')
    const { statsList } = await import('../container/stats.ts')
    await printList(ctx.out, statsList(false), [], { format: flags.string('format') })
    return undefined
  },
}
