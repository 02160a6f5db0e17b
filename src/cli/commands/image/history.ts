/** `docker history`. */
import type { ImageHistoryItem } from '../../../api/image.ts'
import type { Command } from '../../command.ts'
import { type ListSpec, printList } from '../../format/formatter.ts'
import { ago, ellipsis, humanSize, shortId } from '../../format/units.ts'

/** Characters of an instruction that the table shows. */
const INSTRUCTION_WIDTH = 45

const historyList = (options: { human: boolean; noTrunc: boolean; now: number }): ListSpec<ImageHistoryItem> => {
  const iso = (item: ImageHistoryItem): string => `${new Date(item.Created * 1000).toISOString().slice(0, 19)}Z`
  return {
    type: '*image.historyContext',
    table: `table {{.ID}}\t{{${options.human ? '.CreatedSince' : '.CreatedAt'}}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
    quiet: '{{.ID}}',
    headers: {
      ID: 'IMAGE',
      CreatedSince: 'CREATED',
      CreatedAt: 'CREATED AT',
      CreatedBy: 'CREATED BY',
      Size: 'SIZE',
      Comment: 'COMMENT',
    },
    columns: {
      ID: item => (options.noTrunc ? item.Id : shortId(item.Id)),
      CreatedSince: item => {
        if (!options.human) return iso(item)
        return item.Created <= 0 ? 'N/A' : ago(item.Created * 1000, options.now)
      },
      CreatedAt: iso,
      CreatedBy: item => {
        const text = item.CreatedBy.replaceAll('\t', ' ')
        return options.noTrunc ? text : ellipsis(text, INSTRUCTION_WIDTH)
      },
      Size: item => (options.human ? humanSize(item.Size, 3) : String(item.Size)),
      Comment: item => item.Comment,
    },
  }
}

export const command: Command = {
  async run(ctx, args, flags) {
    const platform = flags.string('platform')
    const items = await (await ctx.engine()).images.history(args[0] ?? '', platform === '' ? {} : { platform })
    const now = (await ctx.clock()).now()
    const spec = historyList({ human: flags.bool('human'), noTrunc: flags.bool('no-trunc'), now })
    await printList(ctx.out, spec, items, { format: flags.string('format'), quiet: flags.bool('quiet') })
    return undefined
  },
}
