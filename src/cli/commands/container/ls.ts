/** `docker ps`. */
import type { Command } from '../../command.ts'
import { containerList } from '../../format/container.ts'
import { printList } from '../../format/formatter.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const engine = await ctx.engine()
    const format = flags.string('format')
    const quiet = flags.bool('quiet')
    if (quiet && format !== '') {
      ctx.err.write('WARNING: Ignoring custom format, because both --format and --quiet are set.\n')
    }
    // -l counts only where no number is given.
    const last = flags.bool('latest') && flags.number('last') === -1 ? 1 : flags.number('last')
    // The size is computed only where it is shown.
    const size =
      flags.bool('size') || (format !== '' && (await import('../../format/container-format.ts')).wantsSize(format))
    const containers = await engine.containers.list({
      all: flags.bool('all'),
      ...(last > 0 && { limit: last }),
      size,
      filters: flags.filters('filter'),
    })
    const now = (await ctx.clock()).now()
    const shown = containerList({ noTrunc: flags.bool('no-trunc'), size: flags.bool('size'), now })
    await printList(ctx.out, shown, containers, { format: quiet && format !== 'raw' ? '' : format, quiet })
  },
}
