/** `docker buildx prune`, `docker builder prune`. */

import { messageOf } from '../../../errors.ts'
import { parseDuration } from '../../../util/go-duration.ts'
import { parseRfc3339 } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { ago, humanSize } from '../../format/units.ts'
import { confirm } from '../../prompt.ts'

const dangling = 'WARNING! This will remove all dangling build cache. Are you sure you want to continue?'
const all = 'WARNING! This will remove all build cache. Are you sure you want to continue?'

function checkSpan(text: string): void {
  try {
    parseDuration(text)
  } catch (error) {
    throw new StatusError(1, `ERROR: "until" filter expects a duration (e.g., '24h'): ${messageOf(error)}`)
  }
}

export const command: Command = {
  async run(ctx, _args, flags) {
    if (flags.changed('keep-storage'))
      ctx.err.write('Flag --keep-storage has been deprecated, keep-storage flag has been changed to reserved-space\n')
    for (const value of flags.filters('filter')?.['until'] ?? []) checkSpan(value)
    if (!flags.bool('force') && !(await confirm(ctx, flags.bool('all') ? all : dangling))) return
    const keepBytes = Math.max(
      flags.number('keep-storage'),
      flags.number('reserved-space'),
      flags.number('max-used-space'),
    )
    const removed = await (await ctx.engine()).images.pruneCache({
      all: flags.bool('all'),
      filters: flags.filters('filter'),
      keepBytes,
    })
    const now = (await ctx.clock()).now()
    const rows = removed.map(record => {
      const id = `${record.ID}${record.Type === 'regular' ? '' : '*'}`
      const last = record.LastUsedAt === null ? '' : ago(parseRfc3339(record.LastUsedAt), now)
      return `${id.padEnd(40)}\ttrue \t\t${humanSize(record.Size).padEnd(10)}\t${last}\n`
    })
    if (rows.length > 0) ctx.out.write(`ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n${rows.join('')}`)
    ctx.out.write(`Total:\t${humanSize(removed.reduce((sum, record) => sum + record.Size, 0))}\n`)
  },
}
